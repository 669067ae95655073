import { Body, Controller, Get, HttpCode, NotFoundException, Param, Post, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import type { Job, JobStatus } from '../../job-types/contract/job.js';
import type { Word } from '../../job-types/fields/word.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Budget } from '../openapi/route-marks.js';
import { JobReader } from '../reading/job-reader.js';
import { JobRequest } from '../jobs/job-request.js';
import { JobsService } from '../jobs/jobs.service.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';
import { FastApiFilter, answersAsFastApi } from './fast-api.js';

const ArticleRequest = z
  .object({
    url: z.string().meta({ example: 'http://127.0.0.1:3000/samples/el-faro.html' }),
    browser: z.string().default('firefox').meta({ description: 'Name of a configured cookie jar' }),
    source_lang: z.string().default('Spanish'),
    target_lang: z.string().default('French'),
    word_count: z.int().default(30),
    prompt: z.string().nullish().meta({ description: 'Which words to prefer' }),
  })
  .meta({ id: 'VocabularyArticleRequest' });
type ArticleRequest = z.infer<typeof ArticleRequest>;

const time = z.string().meta({ description: 'UTC, without a zone', example: '2024-01-15T10:30:00' });

const VocabularyWord = z
  .object({
    word: z.string(),
    lemma: z.string().nullable(),
    pos: z.string().nullable(),
    translation: z.string().nullable(),
    gender: z.string().optional(),
    examples: z.array(z.string()).optional(),
  })
  .meta({ id: 'VocabularyWord' });

const Task = z
  .object({
    task_id: z.string(),
    type: z.literal('article_extract'),
    status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
    progress: z.string().nullable(),
    result: z
      .object({
        new_words: z.int(),
        updated_words: z.int(),
        words: z.array(VocabularyWord),
        source_url: z.string(),
      })
      .nullable(),
    error: z.string().nullable(),
    created_at: time,
    completed_at: time.nullable(),
  })
  .meta({ id: 'VocabularyTask' });
type Task = z.infer<typeof Task>;

/** The vocabulary builder: its routes for extracting an article, as its own web page calls them. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api')
export class VocabularyBuilderController {
  constructor(
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
  ) {}

  @Post('articles/extract')
  @HttpCode(200)
  @Budget('submit')
  @ApiOperation({
    operationId: 'extractVocabulary',
    summary: 'Start extracting vocabulary from an article, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [422])
  async extract(
    @Body({ schema: ArticleRequest }) body: ArticleRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Task> {
    const { job } = await this.jobs.start(toJobRequest(body), { owner, by });
    return toTask(job);
  }

  @Get('tasks/:id')
  @ApiOperation({
    operationId: 'readVocabularyTask',
    summary: 'Read a task, as the vocabulary builder does',
  })
  @answersAsFastApi(Task, [404])
  async read(@Param('id') id: string, @Owner() owner: string): Promise<Task> {
    try {
      const job = await this.reader.read(id, owner);
      if (job.type === 'extractArticle') return toTask(job);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'job-not-found')) throw error;
    }
    throw new NotFoundException('Task not found');
  }
}

/** @throws {Problem} validation-failed, in the words of the caller's body */
function toJobRequest({
  url,
  browser,
  source_lang,
  target_lang,
  word_count,
  prompt,
}: ArticleRequest): JobRequest {
  const input = {
    url,
    browser,
    sourceLang: source_lang,
    targetLang: target_lang,
    wordCount: word_count,
    ...(prompt?.trim() ? { prompt } : {}),
  };
  const parsed = JobRequest.safeParse({ type: 'extractArticle', input });
  if (parsed.success) return parsed.data;
  throw toValidationProblem(
    parsed.error.issues.map((issue) => ({ ...issue, path: issue.path.slice(1).map(theirs) })),
  );
}

/** sourceLang is source_lang there. */
const theirs = (name: PropertyKey): PropertyKey =>
  typeof name === 'string' ? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name;

const statuses: Readonly<Record<JobStatus, Task['status']>> = {
  scheduled: 'pending',
  queued: 'pending',
  running: 'in_progress',
  waiting: 'in_progress',
  cancelling: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  terminated: 'failed',
  timed_out: 'failed',
};

function toTask(job: Job): Task {
  const status = statuses[job.status];
  return {
    task_id: job.id,
    type: 'article_extract',
    status,
    progress: job.done ? null : job.progress.message,
    result: status === 'completed' ? toResult(job.result as ExtractArticleResult) : null,
    error: status === 'failed' ? (job.failure?.detail ?? job.progress.message) : null,
    created_at: withoutZone(job.createdAt),
    completed_at: job.finishedAt && withoutZone(job.finishedAt),
  };
}

const toResult = ({ newWords, updatedWords, words, sourceUrl }: ExtractArticleResult): Task['result'] => ({
  new_words: newWords,
  updated_words: updatedWords,
  words: words.map(toWord),
  source_url: sourceUrl,
});

const toWord = ({ word, lemma, partOfSpeech, translation, gender, examples }: Word) => ({
  word,
  lemma,
  pos: partOfSpeech,
  translation,
  ...(gender === null ? {} : { gender }),
  ...(examples.length === 0 ? {} : { examples }),
});

/** That system's clients know no zone; a time with one would not compare with their own. */
const withoutZone = (iso: string): string => iso.replace(/(\.\d+)?Z$/, '');
