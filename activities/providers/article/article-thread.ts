import { parentPort } from 'node:worker_threads';
import { StepFailure } from '../../frame/step-failure.js';
import { readArticle, readInHaste, readPlainText } from './readable.js';
import type { Reply, Task } from './article-reader.js';

/** Loads what a task takes, which is not counted as its time. */
async function prepare(task: Task): Promise<() => unknown> {
  if ('html' in task) return () => (task.inHaste ? readInHaste(task.html) : readArticle(task.html, task.url));
  if ('plain' in task) return () => readPlainText(task.plain);
  if ('pdf' in task) {
    const { textOfPdf } = await import('../documents/pdf.js');
    return () => textOfPdf(task.pdf);
  }
  const { loadEnglish } = await import('../english.js');
  const { chooseWordsByRules } = await import('../rules.js');
  if (task.words.sourceLang.startsWith('en')) await loadEnglish();
  // Who aborts ends the thread.
  const { signal } = new AbortController();
  return () => chooseWordsByRules({ ...task.words, signal });
}

async function reply(read: () => unknown): Promise<Reply> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof StepFailure) return { failure: { code: error.code, detail: error.message } };
    // Out of stack: nested in a way that the check of the depth did not see.
    if (error instanceof RangeError)
      return { failure: { code: 'page-too-large', detail: 'The page is nested too deeply.' } };
    throw error;
  }
}

async function work(task: Task): Promise<void> {
  const prepared = await prepare(task);
  parentPort?.postMessage({ begins: true } satisfies Reply);
  parentPort?.postMessage(await reply(prepared));
}

parentPort?.on('message', (task: Task) => void work(task));
