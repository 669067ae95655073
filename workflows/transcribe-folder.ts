import type { Entry, FileEnd, Transcribed } from '../activities/transcription.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { InputOf } from '../job-types/contract/job-type.js';
import type { EachResult } from './frame/each.js';
import { asError } from './frame/failure.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';
import { givingUp } from './folder/giving-up.js';

type Type = typeof import('../job-types/transcribe-folder.js').transcribeFolder;

interface State {
  entries: Entry[];
  /** Of the first ones. */
  ends: FileEnd[];
  /** Of the first file that failed. */
  failure: Failure | null;
  givenUp: Failure | null;
}

export const transcribeFolder = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type, State>(
    job,
    async ({ files, inputDir: folder, language, concurrency }, { owner, step, each, resumed }) => {
      const begin = async (): Promise<State> => {
        const { entries } = await step(
          'list',
          ({ listRecordings }) => listRecordings({ owner, files, folder }),
          {
            policy: policies.save,
            summary: 'Look for recordings',
            counts: (listed) => `${listed.entries.length} recordings`,
          },
        );
        return { entries, ends: [], failure: null, givenUp: null };
      };
      const before = resumed ?? (await begin());
      const { entries } = before;
      const provider = givingUp(before.givenUp);
      const stateAfter = (results: readonly EachResult<Transcribed>[]): State => ({
        entries,
        ends: [...before.ends, ...results.map(endOf)],
        failure: before.failure ?? results.find(({ failure }) => failure)?.failure ?? null,
        givenUp: provider.givenUp,
      });
      const transcribed = () =>
        each('transcribe', entries, {
          key: (_, index) => String(index + 1),
          summary: ({ name }) => `Transcribe ${name}`,
          run: ({ transcribeFile }, entry) =>
            provider.watched(
              transcribeFile({ owner, entry, language, givenUp: provider.givenUp ?? undefined }),
            ),
          policy: policies.transcribe,
          atOnce: concurrency,
          from: before.ends.length,
          carry: (_, results) => stateAfter(results),
        });
      const { ends, failure } = stateAfter(await transcribed());
      // Of nothing there is nothing to tell.
      if (failure && ends.every((end) => 'failure' in end)) throw asError(failure);
      const named = ends.map((end, index) => ({ name: entries[index]?.name ?? '', end }));
      return step('collect', ({ collectTranscripts }) => collectTranscripts({ owner, ends: named }), {
        policy: policies.collect,
        summary: 'Put the texts together',
        counts: ({ transcribed: there }) => `${there} of ${ends.length} files`,
      });
    },
  );

function endOf({ value, failure }: EachResult<Transcribed>): FileEnd {
  if (failure) return { failure: failure.detail };
  const { textId, seconds, takenFrom } = value;
  return { textId, seconds, takenFrom };
}
