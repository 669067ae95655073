import type { InputOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/translate-words.js').translateWords;

export const translateWords = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const { words, missing, provider } = await step(
      'translate',
      ({ translateGiven }) => translateGiven({ ...input, owner }),
      {
        policy: policies.model,
        summary: `Translate ${input.words.length} words`,
        counts: (translated) => `${translated.words.length} words`,
      },
    );
    const { theme, sourceLang, targetLang } = input;
    const { newWords, updatedWords } = await step(
      'save',
      ({ saveWords }) => saveWords({ owner, sourceLang, targetLang, theme, sourceUrl: null, words }),
      {
        policy: policies.save,
        summary: `Save ${words.length} words under "${theme}"`,
        effect: true,
        counts: (saved) => `${saved.newWords} new, ${saved.updatedWords} there already`,
      },
    );
    return { theme, newWords, updatedWords, words, missing, provider };
  });
