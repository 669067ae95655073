import { parentPort } from 'node:worker_threads';
import { StepFailure } from '../../frame/step-failure.js';
import { readArticle } from './readable.js';
import type { Read, Reply } from './article-reader.js';

function reply({ html, url }: Read): Reply {
  try {
    return { article: readArticle(html, url) };
  } catch (error) {
    if (error instanceof StepFailure) return { failure: { code: error.code, detail: error.message } };
    // Out of stack: nested in a way that the check of the depth did not see.
    if (error instanceof RangeError)
      return { failure: { code: 'page-too-large', detail: 'The page is nested too deeply.' } };
    throw error;
  }
}

parentPort?.on('message', (read: Read) => parentPort?.postMessage(reply(read)));
