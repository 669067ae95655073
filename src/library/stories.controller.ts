import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Subject } from '../../job-types/fields/subject.js';
import type { StoredStory } from '../../store/stories.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answerLimit } from '../limits.js';
import { answers } from '../openapi/answers.js';
import { toPage } from '../openapi/numbered-page.js';
import { Problem } from '../problems/problems.js';
import { StoryEdit, partsIn } from './story-edit.js';
import {
  StoriesQuery,
  Story,
  StoryEditQuery,
  StoryList,
  StoryQuery,
  StoryVersionList,
  StoryVersionsQuery,
  toStory,
  toSummary,
} from './story-views.js';
import { ifMatchHeader, toVersionPage } from './versions.js';

/** What jobs have written of subjects, also while they write it, and what people have made of it. */
@ApiTags('library')
@Controller('v1/stories')
export class StoriesController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listStories', summary: 'The story of each subject, the newest first' })
  @answers(200, StoryList, [422])
  async list(
    @Owner() owner: string,
    @Query({ schema: StoriesQuery }) { pageSize, pageToken, search }: StoriesQuery,
  ): Promise<StoryList> {
    const asked = { owner, search, before: pageToken, limit: pageSize + 1 };
    const rows = await this.shares.through(owner, () => this.store.stories.list(asked));
    const { items, nextPageToken } = toPage(rows, pageSize);
    return { items: items.map(toSummary), nextPageToken };
  }

  @Get(':subject')
  @ApiOperation({
    operationId: 'readStory',
    summary: 'The story of a subject: the one that was finished last, or the one that is being written',
  })
  @answers(200, Story, [404, 422], { headers: ['ETag'] })
  async read(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: StoryQuery }) asked: StoryQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Story> {
    const story = await this.find({ owner, subject, ...asked });
    void reply.header('etag', etagOf(story));
    return toStory(story);
  }

  @Get(':subject/versions')
  @ApiOperation({
    operationId: 'listStoryVersions',
    summary: 'The versions of the story of a subject, the latest first',
  })
  @answers(200, StoryVersionList, [404, 422])
  async versions(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: StoryVersionsQuery }) { pageSize, pageToken, jobId }: StoryVersionsQuery,
  ): Promise<StoryVersionList> {
    const story = await this.shares.through(owner, () => this.store.stories.find({ owner, subject, jobId }));
    if (!story) throw notFound(subject);
    const asked = { storyId: story.id, before: pageToken, limit: pageSize + 1 };
    return toVersionPage(await this.store.storyVersions.list(asked), pageSize);
  }

  @Put(':subject')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'editStory',
    summary: 'Save texts of your own as the next version of a story; what is left out stays as it is',
  })
  @ApiHeader(ifMatchHeader)
  @answers(200, Story, [404, 409, 412, 422], { headers: ['ETag'] })
  async edit(
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: StoryEditQuery }) { jobId }: StoryEditQuery,
    @Body({ schema: StoryEdit }) edit: StoryEdit,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Story> {
    const story = await this.find({ owner, subject, jobId });
    const { id: storyId, version } = story;
    const isNamed = match !== undefined && match.trim() !== '*';
    if (isNamed && match.trim().replace(/^W\//v, '') !== etagOf(story)) throw changed(version);
    const basedOn = isNamed ? version : undefined;
    if (story.status === 'writing') throw beingWritten(subject);
    const parts = partsIn(edit, story);
    const saved = await this.store.storyVersions.edit({
      storyId,
      owner,
      by,
      basedOn,
      parts,
      title: edit.title,
    });
    if (saved === null) throw notFound(subject);
    if (saved === 'writing') throw beingWritten(subject);
    if ('stale' in saved) throw changed(saved.stale);
    return this.read(owner, subject, { jobId: story.jobId, version: saved.version }, reply);
  }

  @Delete(':subject')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteStory',
    summary: 'Delete all stories of a subject; a job that still writes one fails',
  })
  @ApiResponse({ status: 204, description: 'Deleted' })
  @answers([], Story, [404, 422])
  async remove(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
  ): Promise<void> {
    if (!(await this.store.stories.remove({ owner, subject }))) throw notFound(subject);
  }

  private async find(asked: Parameters<Store['stories']['read']>[0]): Promise<StoredStory> {
    const story = await this.shares.through(asked.owner, () => this.store.stories.read(asked));
    if (!story) throw notFound(asked.subject);
    return story;
  }
}

/** Names the story too: a subject may have another one by the time that an edit comes. */
const etagOf = ({ id, version }: Pick<StoredStory, 'id' | 'version'>): string => `"v${version}-${id}"`;

const changed = (latest: number) =>
  new Problem('story-changed', `The story is another by now; its latest version is ${latest}.`);

const beingWritten = (subject: string) =>
  new Problem('story-being-written', `A job is still writing the story of "${subject}".`);

const notFound = (subject: string) =>
  new Problem('story-not-found', `There is no story of "${subject}", or no such version of it.`);
