import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Subject } from '../../job-types/fields/subject.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { toPage } from '../openapi/numbered-page.js';
import { Problem } from '../problems/problems.js';
import { StoriesQuery, Story, StoryList, StoryQuery, toStory, toSummary } from './story-views.js';

/** What jobs have written of subjects, also while they write it. */
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
  @answers(200, Story, [404, 422])
  async read(
    @Owner() owner: string,
    @Param('subject', { schema: Subject }) subject: string,
    @Query({ schema: StoryQuery }) { jobId }: StoryQuery,
  ): Promise<Story> {
    const asked = { owner, subject, jobId };
    const story = await this.shares.through(owner, () => this.store.stories.read(asked));
    if (!story) throw notFound(subject);
    return toStory(story);
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
}

const notFound = (subject: string) => new Problem('story-not-found', `There is no story of "${subject}".`);
