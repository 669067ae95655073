import { patched } from '@temporalio/workflow';
import type { EndedText } from '../activities/joined-texts.js';
import type { ListedTexts, SummarisedFile } from '../activities/summaries.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { InputOf } from '../job-types/contract/job-type.js';
import type { SummariseFolderResult } from '../job-types/summarise-folder.js';
import { givingUp } from './folder/giving-up.js';
import type { EachResult } from './frame/each.js';
import { asError } from './frame/failure.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/summarise-folder.js').summariseFolder;

/** What the job needs to know of the files that are over. */
interface State extends Pick<SummariseFolderResult, 'notes' | 'provider'> {
  listed: ListedTexts;
  texts: EndedText[];
  /** Of the first file that failed. */
  failure: Failure | null;
  /** Left out by runs of an earlier version. */
  givenUp?: Failure | null;
}

/** What is known of each file stands in its items. */
const mostNotes = 20;

/** A run from before carried the summaries themselves through its history. */
const storesSummaries = 'stores-summaries';

export const summariseFolder = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type, State>(job, async (input, { owner, step, each, resumed }) => {
    const { inputDir, outputDir, model, concurrency } = input;
    const begin = async (): Promise<State> => {
      const listed = await step('list', ({ listTexts }) => listTexts({ folder: inputDir }), {
        policy: policies.fetch,
        summary: `Look for texts in ${inputDir}`,
        counts: ({ files }) => `${files.length} files`,
      });
      return { listed, texts: [], notes: [], provider: '', failure: null, givenUp: null };
    };
    const before = resumed ?? (await begin());
    const { folder, files } = before.listed;
    const stored = patched(storesSummaries);
    const watch = givingUp(before.givenUp ?? null);
    const soFar = (results: readonly EachResult<SummarisedFile>[]): State => ({
      ...stateAfter(before, results),
      givenUp: watch.givenUp,
    });
    const results = await each('summarise', files, {
      key: (_, index) => String(index + 1),
      summary: (file) => `Summarise ${file}`,
      run: ({ summariseFile }, file) =>
        watch.watched(
          summariseFile({
            ...{ owner, model, file, folder, outputDir, givenUp: watch.givenUp ?? undefined },
            ...(stored ? { isStored: true } : {}),
          }),
        ),
      policy: policies.model,
      atOnce: concurrency,
      from: before.texts.length,
      carry: (_, ends) => soFar(ends),
    });
    const { texts: ends, notes, provider, failure } = soFar(results);
    const failed = ends.filter(({ subtitle }) => subtitle === failedMark).length;
    // Of nothing there is nothing to tell.
    if (failure && failed === ends.length) throw asError(failure);
    const counted = { summarised: ends.length - failed, failed, provider };
    if (ends.every(isWhole)) return { texts: ends, ...counted, notes };
    const { notes: more, ...joined } = await step(
      'collect',
      ({ collectSummaries }) => collectSummaries({ owner, ends }),
      {
        policy: policies.collect,
        summary: 'Put the summaries together',
        counts: ({ texts }) => `${texts.length - failed} of ${texts.length} files`,
      },
    );
    return { ...joined, ...counted, notes: [...notes, ...more] };
  });

const failedMark = 'failed';

const isWhole = (end: EndedText): end is Extract<EndedText, { value: string }> => 'value' in end;

function stateAfter(before: State, results: readonly EachResult<SummarisedFile>[]): State {
  const { listed, texts, notes, provider, failure } = before;
  const ends = results.map(({ value, failure: why }, index): EndedText => {
    const title = listed.files[texts.length + index] ?? '';
    if (why) return { title, value: `Summary failed: ${why.detail}`, subtitle: failedMark };
    const end = { title, subtitle: value.written };
    return 'textId' in value ? { ...end, textId: value.textId } : { ...end, value: value.summary };
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
