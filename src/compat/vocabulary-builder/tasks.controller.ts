import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, NotFoundException, Param, Post, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { KeyId, Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { JobRequest } from '../../jobs/job-request.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { Budget } from '../../openapi/route-marks.js';
import { parsed } from '../../problems/validation.js';
import { JobReader } from '../../reading/job-reader.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { ownJob } from '../own-job.js';
import { isRefusal, sentenceOf } from './refusal.js';
import {
  ArticleRequest,
  ThemeRequest,
  type Wanted,
  WordsRequest,
  articleWanted,
  themeWanted,
  wordsWanted,
} from './requests.js';
import { Task, toFailedTask, toTask } from './task.js';

/** Tells a task that no job was started for from a job. */
const refusedId = /^task_[0-9a-f-]{36}$/;

/** The vocabulary builder's tasks, as its own web page starts and polls them. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api')
export class VocabularyTasksController {
  constructor(
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
    private readonly store: Store,
  ) {}

  @Post('articles/extract')
  @HttpCode(200)
  @Budget('submit')
  @ApiOperation({
    operationId: 'extractVocabulary',
    summary: 'Start extracting vocabulary from an article, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [422])
  extract(
    @Body({ schema: ArticleRequest }) body: ArticleRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Task> {
    return this.begin(articleWanted(body), { owner, by });
  }

  @Post('themes')
  @HttpCode(200)
  @Budget('submit')
  @ApiOperation({
    operationId: 'createVocabularyTheme',
    summary: 'Start making words for a theme, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [422])
  createTheme(
    @Body({ schema: ThemeRequest }) body: ThemeRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Task> {
    return this.begin(themeWanted(body), { owner, by });
  }

  @Post('manual/translate')
  @HttpCode(200)
  @Budget('submit')
  @ApiOperation({
    operationId: 'translateVocabulary',
    summary: 'Start translating given words, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [422])
  translate(
    @Body({ schema: WordsRequest }) body: WordsRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Task> {
    return this.begin(wordsWanted(body), { owner, by });
  }

  @Get('tasks/:id')
  @ApiOperation({
    operationId: 'readVocabularyTask',
    summary: 'Read a task, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [404])
  async read(@Param('id') id: string, @Owner() owner: string): Promise<Task> {
    const task = refusedId.test(id) ? await this.refused(id, owner) : await this.started(id, owner);
    if (!task) throw new NotFoundException('Task not found');
    return task;
  }

  /** That system takes any text, and fails the task of one that it can do nothing with. */
  private async begin(
    { task, type, input }: Wanted,
    by: { owner: string; by: string | null },
  ): Promise<Task> {
    try {
      const { job } = await this.jobs.start(parsed(JobRequest, { type, input }), by);
      const started = toTask(job);
      if (!started) throw new Error(`No task is a job of the type ${type}.`);
      return started;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const refused = { id: `task_${randomUUID()}`, type: task, error: sentenceOf(error) };
      return toFailedTask(await this.store.refusedTasks.put({ ...refused, owner: by.owner }));
    }
  }

  private async refused(id: string, owner: string): Promise<Task | null> {
    const found = await this.store.refusedTasks.find(id, owner);
    return found && toFailedTask(found);
  }

  private async started(id: string, owner: string): Promise<Task | null> {
    const job = await ownJob(this.reader, { id, owner });
    return job && toTask(job);
  }
}
