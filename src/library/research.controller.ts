import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Subject } from '../../job-types/fields/subject.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answerLimit } from '../limits.js';
import { answers } from '../openapi/answers.js';
import { toPage } from '../openapi/numbered-page.js';
import { Problem } from '../problems/problems.js';
import { ResearchDocument, ResearchEdit, ResearchList, ResearchQuery } from './research-views.js';
import { VersionQuery, VersionsQuery, etagOf, ifMatchHeader, toVersionPage, versionIn } from './versions.js';

/** What is known of subjects, which jobs put in order and people correct, with every version of it. */
@ApiTags('library')
@Controller('v1/research')
export class ResearchController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listResearch',
    summary: 'The latest version of the research on each subject, the newest subject first',
  })
  @answers(200, ResearchList, [422])
  async list(
    @Owner() owner: string,
    @Query({ schema: ResearchQuery }) { pageSize, pageToken, search }: ResearchQuery,
  ): Promise<ResearchList> {
    const asked = { owner, search, before: pageToken, limit: pageSize + 1 };
    return toPage(await this.shares.through(owner, () => this.store.research.list(asked)), pageSize);
  }

  @Get(':subject')
  @ApiOperation({
    operationId: 'readResearch',
    summary: 'The research on a subject, in its latest version or another one',
  })
  @answers(200, ResearchDocument, [404, 422], { headers: ['ETag'] })
  async read(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: VersionQuery }) { version }: VersionQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResearchDocument> {
    const asked = { owner, subject, version };
    const found = await this.shares.through(owner, () => this.store.research.read(asked));
    if (!found) throw notFound(subject);
    void reply.header('etag', etagOf(found.version));
    return found;
  }

  @Get(':subject/versions')
  @ApiOperation({
    operationId: 'listResearchVersions',
    summary: 'The versions of the research on a subject, the latest first',
  })
  @answers(200, ResearchList, [404, 422])
  async versions(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: VersionsQuery }) { pageSize, pageToken }: VersionsQuery,
  ): Promise<ResearchList> {
    const asked = { owner, subject, before: pageToken, limit: pageSize + 1 };
    const rows = await this.shares.through(owner, () => this.store.research.versions(asked));
    if (rows.length === 0 && pageToken === undefined) throw notFound(subject);
    return toVersionPage(rows, pageSize);
  }

  @Put(':subject')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'editResearch',
    summary: 'Save research as you have written or corrected it as the next version; the earlier ones stay',
  })
  @ApiHeader(ifMatchHeader)
  @answers([200, 201], ResearchDocument, [404, 412, 422], { headers: ['ETag'] })
  async edit(
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Param('subject', { schema: Subject }) subject: string,
    @Body({ schema: ResearchEdit }) { content }: ResearchEdit,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResearchDocument> {
    // Who has seen a version corrects it, and writes nothing anew that somebody has deleted.
    const edit = { owner, subject, by, basedOn: versionIn(match), begins: match === undefined, content };
    const saved = await this.store.research.edit(edit);
    if (saved === null) throw notFound(subject);
    if ('stale' in saved) throw changed(saved.stale);
    void reply.status(saved.first ? 201 : 200);
    return this.read(owner, subject, { version: saved.version }, reply);
  }

  @Delete(':subject')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteResearch',
    summary:
      'Delete the research on a subject in all its versions; a story that is being written from it is left in part',
  })
  @ApiHeader(ifMatchHeader)
  @ApiResponse({ status: 204, description: 'Deleted' })
  @answers([], ResearchDocument, [404, 412, 422])
  async remove(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Headers('if-match') match: string | undefined,
  ): Promise<void> {
    const removed = await this.store.research.remove({ owner, subject, basedOn: versionIn(match) });
    if (removed === null) throw notFound(subject);
    if (removed !== true) throw changed(removed.stale);
  }
}

const changed = (latest: number) =>
  new Problem('research-changed', `The research has version ${latest} by now.`);

const notFound = (subject: string) =>
  new Problem('research-not-found', `There is no research on "${subject}", or no such version of it.`);
