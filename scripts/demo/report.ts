import type { ChatReplyResult } from '../../job-types/chat-reply.js';
import type { Job } from '../../job-types/contract/job.js';
import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import { rulesName } from '../../job-types/fields/model-names.js';
import type { ActName } from './acts.js';
import type { Scene } from './scene.js';
import { wordsSoFar } from './words-so-far.js';
import { wordsTable } from './words-table.js';

export interface ReportOptions {
  act: ActName;
  scene: Scene | null;
  /** Columns of the terminal. */
  width: number;
  say(line: string): void;
}

/** What came of a job, in lines for a person. */
export function report(job: Job, { act, scene, width, say }: ReportOptions): void {
  if (act === 'cancel' && job.status === 'cancelled') {
    if (job.type === 'chatReply') {
      say(`\nThe job reads cancelled ("${job.cancel?.reason}"). The conversation keeps what was said:\n`);
      say(job.output?.text ?? '');
      return;
    }
    const words = wordsSoFar(job.output?.text ?? '').length;
    const saved = job.steps.find(({ name }) => name === 'save')?.startedAt ?? null;
    say(
      `\nThe job reads cancelled ("${job.cancel?.reason}"). What the model had said is kept in "output": ` +
        `${words} whole words. ${saved === null ? 'Nothing was saved.' : 'Words were saved all the same.'}`,
    );
    return;
  }
  if (job.status !== 'succeeded') {
    say(`\nThe job ended ${job.status}. ${job.failure?.detail ?? ''}`);
    return;
  }
  if (job.type === 'chatReply') {
    const { text, model, conversation } = job.result as ChatReplyResult;
    say(`\n${text}\n\nReplied by ${model}; kept in the conversation "${conversation}".`);
    return;
  }
  const result = job.result as ExtractArticleResult;
  say(`\n${result.title ?? result.sourceUrl}\n\n${wordsTable(result.words, width)}\n`);
  say(`${result.newWords} new words saved, ${result.updatedWords} updated; chosen by ${result.provider}.`);
  if (result.provider === rulesName) {
    say(
      'There are no translations because no model is configured, and the built-in rules invent nothing. Set MODEL ' +
        '(for example openai/gpt-5-mini, with OPENAI_API_KEY; or OPENAI_BASE_URL for a local server) in .env.',
    );
  }
  if (act === 'crash' && scene) sayWhatACrashCost(job, { result, scene, say });
}

function sayWhatACrashCost(
  job: Job,
  { result, scene, say }: { result: ExtractArticleResult; scene: Scene; say(line: string): void },
): void {
  const attempt = job.steps.find(({ name }) => name === 'extract')?.attempt;
  const cut = scene.models.calls.filter(({ finished }) => !finished).length;
  // The scene's library was empty: a second save would have found its words there.
  const saves = result.newWords === result.words.length ? 'once' : 'more than once';
  say(
    `The worker was killed in the middle of the model's answer. The model was asked ${scene.models.calls.length} times ` +
      `(${cut} answer cut off by the crash); attempt ${attempt} succeeded, and the words were saved ${saves}.`,
  );
}
