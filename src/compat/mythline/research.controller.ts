import {
  Body,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  UnprocessableEntityException,
  UseFilters,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Research } from '../../../job-types/fields/research.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { answerLimit } from '../../limits.js';
import { everyPage } from '../every-page.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { subjectIn } from './subject.js';
import { ResearchDocument, toResearch, toResearchDocument } from './research.js';

const Saved = z.object({ status: z.literal('saved'), subject: z.string() }).meta({ id: 'MythlineSaved' });
type Saved = z.infer<typeof Saved>;

/** Research that a person corrects before a story is written, as Mythline's page does it. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api/research')
export class MythlineResearchController {
  constructor(private readonly store: Store) {}

  @Get('subjects')
  @ApiOperation({ operationId: 'listMythlineResearch', summary: 'The subjects there is research on' })
  @answersAsFastApi(z.array(z.string()), [])
  async subjects(@Owner() owner: string): Promise<string[]> {
    const all = await everyPage((page) => this.store.research.list({ owner, ...page }));
    return all.map(({ subject }) => subject);
  }

  @Get(':subject/data')
  @ApiOperation({ operationId: 'readMythlineResearch', summary: 'Read the research on a subject' })
  @answersAsFastApi(ResearchDocument, [404])
  async read(@Param('subject') given: string, @Owner() owner: string): Promise<ResearchDocument> {
    return toResearchDocument(await this.known({ owner, subject: subjectIn(given, 'Research') }));
  }

  @Post(':subject/data')
  @HttpCode(200)
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({ operationId: 'saveMythlineResearch', summary: 'Save the research on a subject, corrected' })
  @answersAsFastApi(Saved, [404, 422])
  async save(
    @Param('subject') given: string,
    @Body({ schema: ResearchDocument }) body: z.output<typeof ResearchDocument>,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Saved> {
    const subject = subjectIn(given, 'Research');
    const { data, error } = Research.safeParse(toResearch(body, await this.known({ owner, subject })));
    if (error) {
      const [issue] = error.issues;
      throw new UnprocessableEntityException(
        `The research cannot be saved: ${issue?.path.join(' ')} ${issue?.message}.`,
      );
    }
    const saved = await this.store.research.edit({ owner, subject, content: data, by });
    if (!saved) throw notFound();
    return { status: 'saved', subject };
  }

  private async known(key: { owner: string; subject: string }): Promise<Research> {
    const found = await this.store.research.read(key);
    if (!found) throw notFound();
    return found.content;
  }
}

const notFound = () => new NotFoundException('Research not found');
