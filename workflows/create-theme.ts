import type { InputOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/create-theme.js').createTheme;

export const createTheme = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const { sourceLang, targetLang } = input;
    const { known } = await step(
      'recall',
      ({ recallThemes }) => recallThemes({ owner, sourceLang, targetLang }),
      {
        policy: policies.save,
        summary: 'Look up the themes there are',
        counts: (recalled) => `${recalled.known.length} themes`,
      },
    );
    const { theme, relatedTheme, words, provider } = await step(
      'generate',
      ({ makeThemeWords }) => makeThemeWords({ ...input, known, owner }),
      {
        policy: policies.model,
        summary: `Make ${input.wordCount} words for "${input.theme}"`,
        counts: (made) => `${made.words.length} words`,
      },
    );
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
    return { theme, relatedTheme, newWords, updatedWords, words, provider };
  });
