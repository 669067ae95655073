import type { ListedTexts, SummarisedFile } from '../activities/summaries.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { InputOf } from '../job-types/contract/job-type.js';
import type { SummariseFolderResult } from '../job-types/summarise-folder.js';
import type { EachResult } from './frame/each.js';
import { asError } from './frame/failure.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/summarise-folder.js').summariseFolder;

/** What the job needs to know of the files that are over. */
interface State extends Pick<SummariseFolderResult, 'texts' | 'notes' | 'provider'> {
  listed: ListedTexts;
  /** Of the first file that failed. */
  failure: Failure | null;
}

/** What is known of each file stands in its items. */
const mostNotes = 20;

export const summariseFolder = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type, State>(job, async (input, { owner, step, each, resumed }) => {
    const { inputDir, outputDir, model, concurrency } = input;
    const begin = async (): Promise<State> => {
      const listed = await step('list', ({ listTexts }) => listTexts({ folder: inputDir }), {
        policy: policies.fetch,
        summary: `Look for texts in ${inputDir}`,
        counts: ({ files }) => `${files.length} files`,
      });
      return { listed, texts: [], notes: [], provider: '', failure: null };
    };
    const before = resumed ?? (await begin());
    const { folder, files } = before.listed;
    const results = await each('summarise', files, {
      key: (_, index) => String(index + 1),
      summary: (file) => `Summarise ${file}`,
      run: ({ summariseFile }, file) => summariseFile({ owner, model, file, folder, outputDir }),
      policy: policies.model,
      atOnce: concurrency,
      from: before.texts.length,
      carry: (_, ends) => stateAfter(before, ends),
    });
    const { texts, notes, provider, failure } = stateAfter(before, results);
    const failed = texts.filter(({ subtitle }) => subtitle === failedMark).length;
    // Of nothing there is nothing to tell.
    if (failure && failed === texts.length) throw asError(failure);
    return { texts, summarised: texts.length - failed, failed, provider, notes };
  });

const failedMark = 'failed';

function stateAfter(before: State, results: readonly EachResult<SummarisedFile>[]): State {
  const { listed, texts, notes, provider, failure } = before;
  const ends = results.map((result, index) => {
    const title = listed.files[texts.length + index] ?? '';
    if (result.failure) {
      return { title, value: `Summary failed: ${result.failure.detail}`, subtitle: failedMark };
    }
    return { title, value: result.value.summary, subtitle: result.value.written };
  });
  const values = results.flatMap(({ value }) => value ?? []);
  return {
    listed,
    texts: [...texts, ...ends],
    notes: [...new Set([...notes, ...values.flatMap((value) => value.notes)])].slice(0, mostNotes),
    provider: provider || (values[0]?.provider ?? ''),
    failure: failure ?? results.find((result) => result.failure)?.failure ?? null,
  };
}
