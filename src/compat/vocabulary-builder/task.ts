import { z } from 'zod';
import type { CreateThemeResult } from '../../../job-types/create-theme.js';
import type { Job, JobStatus } from '../../../job-types/contract/job.js';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Word } from '../../../job-types/fields/word.js';
import type { TranslateWordsResult } from '../../../job-types/translate-words.js';
import type { RefusedTask } from '../../../store/refused-tasks.js';
import { whyFailed } from '../own-job.js';
import { withoutZone } from './names.js';

export const time = z.string().meta({ description: 'UTC, without a zone', example: '2024-01-15T10:30:00' });

const VocabularyWord = z
  .object({
    word: z.string(),
    lemma: z.string(),
    pos: z.string().nullable(),
    translation: z.string().nullable(),
    gender: z.string().optional(),
    examples: z.array(z.string()).optional(),
  })
  .meta({ id: 'VocabularyWord' });

const ArticleTaskResult = z
  .object({
    new_words: z.int(),
    updated_words: z.int(),
    words: z.array(VocabularyWord),
    source_url: z.string(),
  })
  .meta({ id: 'VocabularyArticleResult' });

const ThemeTaskResult = z
  .object({
    theme: z.string(),
    new_words: z.int(),
    updated_words: z.int(),
    is_related_theme: z.boolean(),
    related_theme_name: z.string().nullable(),
  })
  .meta({ id: 'VocabularyThemeResult' });

const WordsTaskResult = z
  .object({
    theme: z.string(),
    new_words: z.int(),
    updated_words: z.int(),
    missing_words: z.array(z.string()).meta({ description: 'Those that the model did not translate' }),
  })
  .meta({ id: 'VocabularyWordsResult' });

const taskTypes = ['article_extract', 'theme_create', 'manual_entry'] as const;
export type TaskType = (typeof taskTypes)[number];

export const Task = z
  .object({
    task_id: z.string(),
    type: z.enum(taskTypes),
    status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
    progress: z.string().nullable(),
    result: z.union([ArticleTaskResult, ThemeTaskResult, WordsTaskResult]).nullable(),
    error: z.string().nullable(),
    created_at: time,
    completed_at: time.nullable(),
  })
  .meta({ id: 'VocabularyTask' });
export type Task = z.infer<typeof Task>;

/** A job type as that system knows it. */
interface Kind {
  task: TaskType;
  result(result: unknown): Task['result'];
}

const kinds: Readonly<Record<string, Kind>> = {
  extractArticle: {
    task: 'article_extract',
    result(result) {
      const { newWords, updatedWords, words, sourceUrl } = result as ExtractArticleResult;
      return {
        new_words: newWords,
        updated_words: updatedWords,
        words: words.map(toWord),
        source_url: sourceUrl,
      };
    },
  },
  createTheme: {
    task: 'theme_create',
    result(result) {
      const { theme, newWords, updatedWords, relatedTheme } = result as CreateThemeResult;
      return {
        theme,
        new_words: newWords,
        updated_words: updatedWords,
        is_related_theme: relatedTheme !== null,
        related_theme_name: relatedTheme,
      };
    },
  },
  translateWords: {
    task: 'manual_entry',
    result(result) {
      const { theme, newWords, updatedWords, missing } = result as TranslateWordsResult;
      return { theme, new_words: newWords, updated_words: updatedWords, missing_words: missing };
    },
  },
};

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

/** Null for a job of a type that this system does not know. */
export function toTask(job: Job): Task | null {
  const kind = Object.hasOwn(kinds, job.type) ? kinds[job.type] : undefined;
  if (!kind) return null;
  const status = statuses[job.status];
  return {
    task_id: job.id,
    type: kind.task,
    status,
    progress: job.done ? null : job.progress.message,
    result: status === 'completed' ? kind.result(job.result) : null,
    error: status === 'failed' ? whyFailed(job) : null,
    created_at: withoutZone(job.createdAt),
    completed_at: job.finishedAt && withoutZone(job.finishedAt),
  };
}

/** A task that failed before it began. */
export const toFailedTask = ({ id, type, error, createdAt }: RefusedTask): Task => ({
  task_id: id,
  type: z.enum(taskTypes).parse(type),
  status: 'failed',
  progress: null,
  result: null,
  error,
  created_at: withoutZone(createdAt),
  completed_at: withoutZone(createdAt),
});

const toWord = ({ word, lemma, partOfSpeech, translation, gender, examples }: Word) => ({
  word,
  lemma: lemma ?? word,
  pos: partOfSpeech,
  translation,
  ...(gender === null ? {} : { gender }),
  ...(examples.length === 0 ? {} : { examples }),
});
