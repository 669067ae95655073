import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FailureCode } from '../../../job-types/contract/failures.js';
import type { Word } from '../../../job-types/fields/word.js';
import { StepFailure } from '../../frame/step-failure.js';
import { errorCode } from '../error-code.js';
import type { RulesRequest } from '../rules.js';
import { TookTooLong, limitProcessorTime } from './processor-time.js';
import type { Article } from './readable.js';

/** What the thread is asked to read. */
export type Task =
  | { html: string; url: string; inHaste?: boolean }
  | { plain: string }
  | { pdf: Uint8Array }
  | { words: Omit<RulesRequest, 'signal'> };

export type Reply =
  { begins: true } | { value: unknown } | { failure: { code: FailureCode; detail: string } };

export interface ArticleReaderOptions {
  /** Processor time for one page; an ordinary one takes 20 ms, a large one a second and more. */
  limitMs?: number;
  /** Processor time for one PDF; a book of a thousand pages takes some 10 s. */
  pdfLimitMs?: number;
  /** The same for the second try, which makes less of a page; `limitMs` when unset. */
  hasteLimitMs?: number;
  /** Processor time for choosing words by rules; a thousand English ones take about a second. */
  wordsLimitMs?: number;
  /** Heap of the thread; when it is not enough, the page is refused and the process lives on. */
  memoryMb?: number;
}

interface AskOptions {
  limitMs: number;
  signal: AbortSignal;
}

/**
 * Reads what strangers wrote in a thread of its own, one text after the other. A hostile page can keep a parser busy
 * for minutes, a hostile text a pattern. In the worker's own thread, heartbeats and cancels would wait with it. The
 * thread is started when needed and kept.
 */
export function createArticleReader({
  limitMs = 2_000,
  hasteLimitMs = limitMs,
  pdfLimitMs = 30_000,
  wordsLimitMs = 10_000,
  memoryMb = 192,
}: ArticleReaderOptions = {}) {
  let thread: Worker | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  function start(): Worker {
    const started = new Worker(new URL('./article-thread.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
      env: {},
    });
    started.unref();
    // Also after nobody waits for it any more: an error without a listener would end the process.
    started.on('error', () => {
      if (thread === started) thread = null;
    });
    return started;
  }

  async function stop(): Promise<void> {
    const stopped = thread;
    thread = null;
    await stopped?.terminate();
  }

  async function ask(task: Task, { limitMs: most, signal }: AskOptions): Promise<unknown> {
    signal.throwIfAborted();
    thread ??= start();
    const used = thread;
    const limit = limitProcessorTime(used, { mostMs: most, signal });
    const replies = on(used, 'message', { signal: limit.signal });
    try {
      used.postMessage(task);
      for await (const [reply] of replies as AsyncIterable<[Reply]>) {
        if ('begins' in reply) void limit.begin();
        else if ('value' in reply) return reply.value;
        else throw new StepFailure(reply.failure.code, reply.failure.detail);
      }
      throw new Error('the thread said nothing more');
    } catch (error) {
      if (error instanceof StepFailure && !limit.signal.aborted) throw error;
      // Ended rather than left to itself: it would go on with this page.
      await stop();
      signal.throwIfAborted();
      limit.signal.throwIfAborted();
      throw asFailure(error);
    } finally {
      limit.end();
    }
  }

  async function inTurn(task: Task, options: AskOptions): Promise<unknown> {
    const { signal } = options;
    signal.throwIfAborted();
    const answer = turn.then(() => ask(task, options));
    // Who asked is told of a failure below; the next in line only waits for the end.
    turn = answer.catch(() => undefined);
    // Who is cancelled while waiting for a turn does not wait for it.
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([answer, left.promise]);
    } finally {
      // Node keeps a signal that is made of others for as long as it has a listener, and all that hangs on it.
      signal.removeEventListener('abort', leave);
    }
  }

  /** A slow machine is no fault of the page: what takes too long is read once more, in a way that takes less. */
  async function readPage(page: { html: string; url: string }, signal: AbortSignal): Promise<Article> {
    try {
      return (await inTurn(page, { limitMs, signal })) as Article;
    } catch (error) {
      if (!(error instanceof TookTooLong)) throw error;
      return (await inTurn({ ...page, inHaste: true }, { limitMs: hasteLimitMs, signal })) as Article;
    }
  }

  return {
    /**
     * @throws {StepFailure} no-article, page-too-large; fetch-timed-out when the machine is too busy
     * @throws the signal's reason, as it is
     */
    readArticle: (html: string, url: string, { signal }: { signal: AbortSignal }): Promise<Article> =>
      readPage({ html, url }, signal),

    /** As `readArticle`. */
    readPlainText: async (plain: string, { signal }: { signal: AbortSignal }): Promise<Article> =>
      (await inTurn({ plain }, { limitMs, signal })) as Article,

    /** The text of a PDF. @throws {StepFailure} file-unreadable; page-too-large for what takes too much */
    readPdf: async (pdf: Uint8Array, { signal }: { signal: AbortSignal }): Promise<string> =>
      (await inTurn({ pdf }, { limitMs: pdfLimitMs, signal })) as string,

    /** As `chooseWordsByRules`, and page-too-large for a text that takes too long. */
    chooseWords: async ({ signal, ...words }: RulesRequest): Promise<Word[]> =>
      (await inTurn({ words }, { limitMs: wordsLimitMs, signal })) as Word[],

    close: stop,
  };
}

function asFailure(error: unknown): unknown {
  if (errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new StepFailure('page-too-large', 'The page takes more memory to read than a page may.');
  }
  return error;
}

export type ArticleReader = ReturnType<typeof createArticleReader>;
