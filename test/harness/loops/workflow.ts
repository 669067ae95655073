import type { InputOf } from '../../../job-types/contract/job-type.js';
import { days } from '../../../workflows/frame/durations.js';
import type { JobArgs } from '../../../workflows/frame/messages.js';
import { runJob } from '../../../workflows/frame/run-job.js';
import { tried } from '../../../workflows/frame/tried.js';
import { policies } from '../../../workflows/policies.js';

type Type = typeof import('./type.js').loop;

interface State {
  /** Parts that are over. */
  next: number;
  texts: string[];
  answers: string[];
}

const hastily = { ...policies.model, scheduleToCloseTimeout: '2 seconds' };

const word = (text: string) => ({
  ...{ word: text, lemma: null, partOfSpeech: null, gender: null, translation: null, examples: [] },
});

export const loop = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type, State>(job, async (input, { owner, step, each, ask, checkpoint, cleanUp, resumed }) => {
    // The histories that are replayed are older than `hanging`.
    const { topic, parts, failing, hanging = [], hasty, perRun, atOnce } = input;
    const page = { owner, sourceLang: 'en', targetLang: 'fr', sourceUrl: `https://example.com/${topic}` };
    cleanUp(
      'tidy',
      ({ saveWords }, { status }) => saveWords({ ...page, words: [word(`${topic}-${status}`)] }),
      {
        summary: 'Note how it ended',
      },
    );
    const state = resumed ?? { next: 0, texts: [], answers: [] };
    const write = (key: string) => ({
      owner,
      prompt: `${topic} part ${key}`,
      ...(failing.includes(key) ? { model: 'openai/wrong-key' } : {}),
      ...(hanging.includes(key) ? { model: 'openai/hang-mid-stream' } : {}),
    });
    if (!resumed) {
      await step('plan', ({ answerPrompt }) => answerPrompt({ owner, prompt: `${topic} plan` }), {
        policy: policies.model,
        summary: 'Plan',
      });
    }
    if (atOnce > 0) {
      const keys = Array.from({ length: parts }, (_, index) => String(index + 1));
      const written = await each('write', keys, {
        key: (key) => key,
        summary: (key) => `Write part ${key}`,
        run: ({ answerPrompt }, key) => answerPrompt(write(key)),
        policy: policies.model,
        atOnce,
        from: state.next,
        perRun,
        carry: (next, results) => ({ ...state, next, texts: [...state.texts, ...textsOf(results)] }),
      });
      return { texts: [...state.texts, ...textsOf(written)], answers: [] };
    }
    while (state.next < parts) {
      const key = String(state.next + 1);
      const item = { key, of: parts };
      const { value } = await tried(() =>
        step('write', ({ answerPrompt }) => answerPrompt(write(key)), {
          policy: hasty.includes(key) ? hastily : policies.model,
          summary: `Write part ${key}`,
          item,
        }),
      );
      if (value) {
        await step('save', ({ saveWords }) => saveWords({ ...page, words: [word(`${topic}-${key}`)] }), {
          policy: policies.save,
          summary: `Save part ${key}`,
          effect: true,
          item,
        });
        state.texts.push(value.text);
      }
      const asked = input.ask.filter((behind) => behind === key);
      const given = await Promise.all(asked.map((data) => ask('go', { data, within: days(1) })));
      state.answers.push(...given);
      state.next += 1;
      if (state.next < parts && state.next % perRun === 0) await checkpoint(state, { always: true });
    }
    return { texts: state.texts, answers: state.answers };
  });

const textsOf = (results: readonly { value: { text: string } | null }[]): string[] =>
  results.flatMap(({ value }) => value?.text ?? []);
