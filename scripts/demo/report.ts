import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import type { Job } from '../../job-types/contract/job.js';
import { rulesName } from '../../job-types/fields/model-names.js';
import type { CrashScene } from './crash.js';
import { wordsTable } from './words-table.js';

/** What came of a job, in lines for a person. */
export function report(
  job: Job,
  { scene, say }: { scene: CrashScene | null; say: (line: string) => void },
): void {
  if (job.status !== 'succeeded') {
    say(`\nThe job ended ${job.status}. ${job.failure?.detail ?? ''}`);
    return;
  }
  const result = job.result as ExtractArticleResult;
  say(`\n${result.title ?? result.sourceUrl}\n\n${wordsTable(result.words)}\n`);
  say(`${result.newWords} new words saved, ${result.updatedWords} updated; chosen by ${result.provider}.`);
  if (result.provider === rulesName) {
    say(
      'There are no translations because no model is configured, and the built-in rules invent nothing. Set MODEL ' +
        '(for example openai/gpt-5-mini, with OPENAI_API_KEY; or OPENAI_BASE_URL for a local server) in .env.',
    );
  }
  if (!scene) return;
  const attempt = job.steps.find(({ name }) => name === 'extract')?.attempt;
  const cut = scene.models.calls.filter(({ finished }) => !finished).length;
  // The scene's library was empty: a second save would have found its words there.
  const saves = result.newWords === result.words.length ? 'once' : 'more than once';
  say(
    `The model was asked ${scene.models.calls.length} times (${cut} answer cut off by the crash); ` +
      `attempt ${attempt} succeeded, and the words were saved ${saves}.`,
  );
}
