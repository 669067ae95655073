import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLedger } from '../../activities/frame/ledger.js';
import type { StepFailure } from '../../activities/frame/step-failure.js';
import { runInStep } from '../../activities/frame/step.js';
import { createModels } from '../../activities/providers/model.js';
import { type WriteCv, type WrittenText, createWritingActivities } from '../../activities/writing.js';
import { generateCv } from '../../job-types/generate-cv.js';
import { generateCoverLetter } from '../../job-types/generate-cover-letter.js';
import {
  type BehaviourName,
  type BehaviourOptions,
  type ModelServer,
  startModelServer,
} from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type RecordingCalls, recordingAnswers, recordingCalls } from '../harness/recording-calls.js';
import { recordingStep } from '../harness/recording-step.js';

let server: ModelServer;
let receipts: Map<string, unknown>;
let calls: RecordingCalls;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => {
  receipts = new Map();
  calls = recordingCalls();
});

const writers = () =>
  createWritingActivities({
    models: createModels({ MODEL: 'openai/any', MODELS: ['rules'], OPENAI_BASE_URL: server.url }),
    receipts: {
      async find<T>({ step }: { step: string }) {
        const outcome = receipts.get(step) as T | undefined;
        return outcome === undefined ? null : { outcome, copiedFrom: null };
      },
      put: async <T>({ step }: { step: string }, outcome: T) => void receipts.set(step, outcome),
    },
    ledger: createLedger({
      calls,
      answers: recordingAnswers(),
      priceOf: () => null,
      onError: () => undefined,
    }),
  });

const inStep = <T>(work: () => Promise<T>, step = recordingStep({ name: 'write' })): Promise<T> =>
  runInStep(step, work);

const input = (change: Partial<WriteCv> = {}): WriteCv => ({
  ...generateCv.input.parse(generateCv.example),
  owner: 'ann',
  ...change,
});

async function cv(
  change: Partial<WriteCv> = {},
  [behaviour, options]: [BehaviourName, BehaviourOptions?] = ['answer', { text: '# Inés\n\nA CV.' }],
): Promise<WrittenText> {
  server.next(behaviour, options);
  return inStep(() => writers().writeCv(input(change)));
}

describe('a CV', () => {
  it('is what the model says, streamed while it says it', async () => {
    const step = recordingStep({ name: 'write' });
    server.next('answer', { text: '# Inés\n\nA CV.' });
    const written = await inStep(() => writers().writeCv(input()), step);
    expect(written).toMatchObject({
      title: 'CV: Data engineer for library catalogues, Biblioteka',
      markdown: '# Inés\n\nA CV.',
      mayBeUnverifiable: false,
      provider: 'openai/any',
      notes: [],
    });
    expect(step.said.join('')).toBe('# Inés\n\nA CV.');
    expect(calls.rows).toMatchObject([{ prompt: expect.stringMatching(/^write-cv@/), outcome: 'answered' }]);
  });

  it('is asked for and paid for once, however often the step is tried', async () => {
    const first = await cv();
    const again = await inStep(() => writers().writeCv(input()));
    expect(again).toEqual(first);
    expect(calls.rows).toHaveLength(1);
  });

  it('comes out of the fence that a model puts around it', async () => {
    const { markdown } = await cv({}, [
      'answer',
      { text: '```markdown\n# Inés\n\n```sql\nselect 1\n```\n\nEnd\n```' },
    ]);
    expect(markdown).toBe('# Inés\n\n```sql\nselect 1\n```\n\nEnd');
  });

  it('says so at the level at which it may contain what nobody can verify, and at no other', async () => {
    const at = async (adaptationLevel: number) => {
      receipts.clear();
      return cv({ adaptationLevel });
    };
    expect(await at(4)).toMatchObject({
      mayBeUnverifiable: true,
      notes: [expect.stringContaining('may contain what nobody can verify')],
    });
    expect(await at(3)).toMatchObject({ mayBeUnverifiable: false, notes: [] });
  });

  it.each<[string, BehaviourName, BehaviourOptions, string]>([
    ['is empty', 'empty', {}, 'malformed-answer'],
    ['is an empty fence', 'answer', { text: '```\n\n```' }, 'malformed-answer'],
    ['is white space', 'answer', { text: ' \n\n ' }, 'malformed-answer'],
    ['was cut at a length', 'length-limit', {}, 'answer-too-long'],
    ['was withheld', 'content-filter', {}, 'answer-withheld'],
    ['broke off', 'cut-mid-stream', {}, 'answer-cut-off'],
    ['ended without saying that it is whole', 'end-without-finish', {}, 'answer-cut-off'],
    ['repeats itself', 'loop', { text: 'The same again. ' }, 'answer-too-long'],
  ])('that %s is no CV', async (_, behaviour, options, code) => {
    const failure = await cv({}, [behaviour, options]).catch((error: unknown) => error);
    expect((failure as StepFailure).code).toBe(code);
    expect(receipts.size).toBe(0);
  });

  it('in another language than that of the offer is kept as it is: it is paid for, and the person can read it', async () => {
    const { markdown } = await cv({}, ['answer', { text: '# Инес\n\nРезюме.' }]);
    expect(markdown).toBe('# Инес\n\nРезюме.');
  });

  it('fails with a sentence where the model cannot read so much', async () => {
    const failure = await cv({}, ['context-too-long']).catch((error: unknown) => error);
    expect((failure as StepFailure).code).toBe('context-too-long');
  });
});

describe('a letter', () => {
  it('is written from the CV that goes with it', async () => {
    server.next('answer', { text: 'Dear team,' });
    const request = { ...generateCoverLetter.input.parse(generateCoverLetter.example), owner: 'ann' };
    const written = await inStep(() => writers().writeCoverLetter({ ...request, cv: 'MY-OWN-CV' }));
    expect(written).toMatchObject({ markdown: 'Dear team,', provider: 'openai/any' });
    expect(JSON.stringify(server.calls.at(-1)?.body)).toContain('MY-OWN-CV');
    expect(calls.rows[0]?.prompt).toMatch(/^write-cover-letter@/);
  });
});

describe('without a model', () => {
  const parsed = (change: object) => generateCoverLetter.input.parse({ ...generateCv.example, ...change });
  const byRules = async (change: object = {}) => {
    const request = { ...parsed(change), owner: 'ann', model: 'rules' };
    const { cv: _, ...forCv } = request;
    return inStep(
      async () => [await writers().writeCv(forCv), await writers().writeCoverLetter(request)] as const,
    );
  };

  it('both are templates filled from the input, and say so', async () => {
    for (const written of await byRules({ adaptationLevel: 4 })) {
      expect(written).toMatchObject({ provider: 'rules', usage: null, mayBeUnverifiable: false });
      expect(written.notes).toEqual([expect.stringContaining('template')]);
    }
    expect(calls.rows).toEqual([]);
  });

  it('they say all that the profile says, and nothing else', async () => {
    const [{ markdown }, letter] = await byRules();
    for (const said of [
      '# Inés Álvarez Müller',
      'Biblioteca Municipal',
      '2019-2025',
      'MARC 21',
      'Bookbinding',
    ])
      expect(markdown).toContain(said);
    expect(letter.markdown).toContain('Dear team of Biblioteka,');
    expect(letter.markdown).toContain('Inés Álvarez Müller');
  });

  it('they are texts even of an empty profile and an empty offer', async () => {
    const [{ markdown }, letter] = await byRules({ candidate: {}, jobOffer: {} });
    expect(markdown).toBe('# Curriculum vitae');
    expect(letter.markdown).toContain('I apply for the position you offer.');
  });

  it('they take no text of the profile for markup', async () => {
    const [{ markdown }] = await byRules({
      candidate: { lastName: '# <script>\n\n## Skills', skills: ['*bold*', '[x](javascript:alert(1))'] },
    });
    expect(markdown).not.toMatch(/^## Skills$[^]*^## Skills$/m);
    expect(markdown).not.toMatch(/(?<!\\)[<[]/);
  });
});

failOnLeftovers();
