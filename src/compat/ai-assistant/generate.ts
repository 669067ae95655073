import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  UseFilters,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type ModelNames, modelNames } from '../../../job-types/fields/model-names.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { CONFIG, type Config } from '../../config.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { answerLimit } from '../../limits.js';
import { Budget } from '../../openapi/route-marks.js';
import { JobReader } from '../../reading/job-reader.js';
import { checkedRequest } from '../checked.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { ownJob } from '../own-job.js';
import {
  GenerateCoverLetterRequest,
  GenerateCvRequest,
  levelOf,
  toCandidate,
  toJobOffer,
} from './generate-request.js';
import { GenerationStatus, StartedTask, toGenerationStatus } from './generate-task.js';
import { modelOf } from './llm-config.js';

type Types = 'generateCv' | 'generateCoverLetter';

const types: ReadonlySet<string> = new Set<Types>(['generateCv', 'generateCoverLetter']);

/** Who starts a task. */
interface Caller {
  owner: string;
  by: string | null;
}

/** The AI assistant's routes for writing CVs and cover letters, as its own web server calls them. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('generate')
export class AssistantGenerateController {
  private readonly models: ModelNames;

  constructor(
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config);
  }

  @Post('cv')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({ operationId: 'startCv', summary: 'Start writing a CV, as the AI assistant does' })
  @answersAsFastApi(StartedTask, [422])
  async cv(
    @Body({ schema: GenerateCvRequest }) body: GenerateCvRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<StartedTask> {
    const input = { ...this.inputOf(body), adaptationLevel: levelOf(body.adaptation_level) };
    return this.start('generateCv', input, { owner, by });
  }

  @Post('cover-letter')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'startCoverLetter',
    summary: 'Start writing a cover letter, as the AI assistant does',
  })
  @answersAsFastApi(StartedTask, [422])
  async coverLetter(
    @Body({ schema: GenerateCoverLetterRequest }) body: GenerateCoverLetterRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<StartedTask> {
    return this.start('generateCoverLetter', { ...this.inputOf(body), cv: body.custom_cv }, { owner, by });
  }

  @Get('status/:id')
  @ApiOperation({
    operationId: 'readGeneration',
    summary: 'Read a task that writes a CV or a letter, as the AI assistant does',
  })
  @answersAsFastApi(GenerationStatus, [404])
  async status(@Param('id') id: string, @Owner() owner: string): Promise<GenerationStatus> {
    const job = await ownJob(this.reader, { id, owner });
    if (!job || !types.has(job.type)) throw new NotFoundException('Task not found');
    return toGenerationStatus(job);
  }

  private inputOf({
    application_id,
    candidate,
    job_offer,
    llm_config,
  }: Omit<GenerateCvRequest, 'adaptation_level'>) {
    const model = modelOf(llm_config, this.models);
    return {
      applicationId: String(application_id),
      candidate: toCandidate(candidate),
      jobOffer: toJobOffer(job_offer),
      ...(model === undefined ? {} : { model }),
    };
  }

  /** A second start while the first one runs is answered with the first. */
  private async start(type: Types, input: object, { owner, by }: Caller): Promise<StartedTask> {
    const request = checkedRequest({ type, input, onConflict: 'returnExisting' });
    const { job } = await this.jobs.start(request, { owner, by });
    return { task_id: job.id, message: messages[type] };
  }
}

const messages: Readonly<Record<Types, string>> = {
  generateCv: 'CV generation started',
  generateCoverLetter: 'Cover letter generation started',
};
