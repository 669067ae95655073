import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  UseFilters,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { KeyId, Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { Budget } from '../../openapi/route-marks.js';
import { Problem } from '../../problems/problems.js';
import { checkedRequest, inASentence } from '../checked.js';
import { everyPage } from '../every-page.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { requiredText } from '../lenient.js';
import { Story, toStory } from './story.js';
import { StoryProgress, toStoryProgress } from './story-progress.js';
import { newSubject, subjectIn } from './subject.js';
import { MythlineTasks } from './tasks.js';

const StoryRequest = z
  .object({ subject: requiredText, player: requiredText })
  .meta({ id: 'MythlineStoryRequest' });
type StoryRequest = z.output<typeof StoryRequest>;

const StartedStory = z
  .object({ task_id: z.string().meta({ description: 'The subject' }), message: z.string() })
  .meta({ id: 'MythlineStartedStory' });
type StartedStory = z.infer<typeof StartedStory>;

/** That system asks for no name where the page has none. */
const somebody = 'the player';
const longestPlayer = 200;

/** Stories, as Mythline's page starts, watches and reads them. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api')
export class MythlineStoriesController {
  constructor(
    private readonly jobs: JobsService,
    private readonly tasks: MythlineTasks,
    private readonly store: Store,
  ) {}

  @Post('story/create')
  @HttpCode(200)
  @Budget('submit')
  @ApiOperation({ operationId: 'startMythlineStory', summary: 'Start writing a story, as Mythline does' })
  @answersAsFastApi(StartedStory, [422])
  async create(
    @Body({ schema: StoryRequest }) { subject: given, player }: StoryRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<StartedStory> {
    const subject = newSubject(given);
    const input = { subject, player: player.trim().slice(0, longestPlayer).toWellFormed() || somebody };
    try {
      // One subject has one story at a time, whoever the player is.
      const request = checkedRequest({ type: 'createStory', input, onConflict: 'returnExisting' });
      await this.jobs.start(request, { owner, by });
      return { task_id: subject, message: 'Story creation started' };
    } catch (error) {
      if (error instanceof Problem && error.code === 'research-missing') {
        throw new BadRequestException(`${error.message} Make it first, with a text or with pages.`);
      }
      throw inASentence(error);
    }
  }

  @Get('story/progress/:subject')
  @ApiOperation({ operationId: 'readMythlineProgress', summary: 'How far a story is, as Mythline asks' })
  @answersAsFastApi(StoryProgress, [404])
  async progress(@Param('subject') subject: string, @Owner() owner: string): Promise<StoryProgress> {
    const job = await this.tasks.story(subject, owner);
    const key = { owner, subject: subjectIn(subject, 'Task'), jobId: job.id };
    const story = job.done ? null : await this.store.stories.find(key);
    return toStoryProgress(job, story?.plan ?? []);
  }

  @Get('stories/list')
  @ApiOperation({ operationId: 'listMythlineStories', summary: 'The subjects of the stories there are' })
  @answersAsFastApi(z.array(z.string()), [])
  async list(@Owner() owner: string): Promise<string[]> {
    const all = await everyPage((page) => this.store.stories.list({ owner, ...page }));
    return all.map(({ subject }) => subject);
  }

  @Get('stories/:subject')
  @ApiOperation({ operationId: 'readMythlineStory', summary: 'Read a story, as Mythline does' })
  @answersAsFastApi(Story, [404])
  async read(@Param('subject') subject: string, @Owner() owner: string): Promise<Story> {
    const story = await this.store.stories.read({ owner, subject: subjectIn(subject, 'Story') });
    if (!story) throw new NotFoundException('Story not found');
    return toStory(story);
  }
}
