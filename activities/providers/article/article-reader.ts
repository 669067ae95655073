import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StepFailure } from '../../frame/step-failure.js';
import type { FailureCode } from '../../../job-types/contract/failures.js';
import { errorCode } from '../error-code.js';
import type { Article } from './readable.js';

export interface Read {
  html: string;
  url: string;
}

export type Reply = { article: Article } | { failure: { code: FailureCode; detail: string } };

export interface ArticleReaderOptions {
  /** For one page; an ordinary one takes 10 ms. */
  limitMs?: number;
  /** Heap of the thread; when it is not enough, the page is refused and the process lives on. */
  memoryMb?: number;
}

/**
 * Reads articles in a thread of its own, one after the other. A hostile page can keep a parser busy for minutes. In
 * the worker's own thread, heartbeats and cancels would wait with it. The thread is started when needed and kept.
 */
export function createArticleReader({ limitMs = 8_000, memoryMb = 128 }: ArticleReaderOptions = {}) {
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

  async function ask(read: Read, signal: AbortSignal): Promise<Article> {
    signal.throwIfAborted();
    thread ??= start();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMs);
    const abort = (): void => limit.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const answered = once(thread, 'message', { signal: limit.signal });
      thread.postMessage(read);
      const [reply] = (await answered) as [Reply];
      if ('article' in reply) return reply.article;
      throw new StepFailure(reply.failure.code, reply.failure.detail);
    } catch (error) {
      if (error instanceof StepFailure) throw error;
      // Ended rather than left to itself: it would go on with this page.
      await stop();
      signal.throwIfAborted();
      throw asFailure(error, limitMs);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  return {
    /**
     * @throws {StepFailure} no-article, page-too-large
     * @throws the signal's reason, as it is
     */
    async readArticle(html: string, url: string, { signal }: { signal: AbortSignal }): Promise<Article> {
      signal.throwIfAborted();
      const answer = turn.then(() => ask({ html, url }, signal));
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
    },

    close: stop,
  };
}

function asFailure(error: unknown, limitMs: number): unknown {
  const code = errorCode(error);
  if (code === 'ABORT_ERR') {
    return new StepFailure('page-too-large', `The page could not be read within ${limitMs / 1000} s.`);
  }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new StepFailure('page-too-large', 'The page takes more memory to read than a page may.');
  }
  return error;
}

export type ArticleReader = ReturnType<typeof createArticleReader>;
