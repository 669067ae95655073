import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StepFailure } from '../../activities/frame/step-failure.js';
import {
  type ExtractWords,
  type ExtractedWords,
  createVocabularyActivities,
} from '../../activities/vocabulary.js';
import { createLedger } from '../../activities/frame/ledger.js';
import { createArticleReader } from '../../activities/providers/article/article-reader.js';
import { createModels } from '../../activities/providers/model.js';
import { runInStep } from '../../activities/frame/step.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { recordingAnswers, recordingCalls } from '../harness/recording-calls.js';
import { type RecordingStep, recordingStep } from '../harness/recording-step.js';
import { until } from '../harness/until.js';

const article = 'La energía solar crece. Las ciudades necesitan baterías. Las baterías bajan de precio.';

/** Three words of the article, and then others without end. */
const wordsAndMore = JSON.stringify({
  words: ['solar', 'ciudades', 'baterías', ...Array<string>(1_000).fill('precio')].map((word) => ({
    ...{ word, lemma: null, partOfSpeech: null, gender: null, translation: `un ${word}`, examples: [] },
  })),
});

interface Key {
  rootJobId: string;
  step: string;
  fingerprint?: Buffer;
}

/** Texts, receipts and calls as the store keeps them, in memory. */
function createShelf() {
  const calls = recordingCalls();
  const texts = new Map([['text-1', article]]);
  const receipts = new Map<string, unknown>();
  const asked = new Map<string, Buffer | undefined>();
  let broken = false;
  return {
    texts,
    receipts,
    calls,
    breakReceipts: () => void (broken = true),
    dependencies: {
      ledger: createLedger({
        calls,
        answers: recordingAnswers(),
        priceOf: () => null,
        onError: () => undefined,
      }),
      texts: { read: async (id: string) => texts.get(id) ?? null },
      receipts: {
        find: async <T>({ rootJobId, step, fingerprint }: Key) => {
          const other = fingerprint && asked.get(`${rootJobId}/${step}`)?.equals(fingerprint) === false;
          const outcome = receipts.get(`${rootJobId}/${step}`) as T | undefined;
          return other || outcome === undefined ? null : { outcome, copiedFrom: null };
        },
        put: async <T>({ rootJobId, step, fingerprint }: Key, outcome: T) => {
          if (broken) throw new Error('no connection');
          receipts.set(`${rootJobId}/${step}`, outcome);
          asked.set(`${rootJobId}/${step}`, fingerprint);
        },
      },
    },
  };
}

const request = (more: Partial<ExtractWords> = {}): ExtractWords => ({
  textId: 'text-1',
  sourceLang: 'es',
  targetLang: 'fr',
  wordCount: 3,
  ...more,
});

let server: ModelServer;
let shelf: ReturnType<typeof createShelf>;
const reader = createArticleReader();

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => Promise.all([server.close(), reader.close()]));
beforeEach(() => {
  shelf = createShelf();
});

function extract(
  more: Partial<ExtractWords> = {},
  step: RecordingStep = recordingStep(),
): Promise<ExtractedWords> {
  const models = createModels({
    MODEL: 'openai/any',
    MODELS: ['rules', 'openai/second'],
    OPENAI_BASE_URL: server.url,
  });
  const { extractWords } = createVocabularyActivities({ models, reader, ...shelf.dependencies });
  return runInStep(step, () => extractWords(request(more)));
}

describe('extracting words with a model', () => {
  it('gives its words, its name and what it cost', async () => {
    const step = recordingStep();
    const { words, provider, usage, notes } = await extract({}, step);
    expect(words).toHaveLength(3);
    expect(words[0]).toMatchObject({ word: 'baterías', translation: '[French] baterías' });
    expect(provider).toBe('openai/any');
    expect(usage?.outputTokens).toBeGreaterThan(0);
    expect(notes).toEqual([]);
    expect(step.told[0]).toEqual({ message: 'Asking openai/any for 3 words', done: 0, total: 3 });
    expect(JSON.parse(step.said.join(''))).toHaveProperty('words');
  });

  it('does not pay twice for the same answer', async () => {
    const first = await extract();
    const before = server.calls.length;
    expect(await extract({}, recordingStep({ attempt: 2 }))).toEqual(first);
    expect(server.calls).toHaveLength(before);
  });

  it('does not pay twice for the same question about the same text, wherever that is stored', async () => {
    const first = await extract();
    shelf.texts.set('text-2', article);
    const before = server.calls.length;
    const again = await extract({ textId: 'text-2', owner: 'another' }, recordingStep({ attempt: 2 }));
    expect(again).toEqual(first);
    expect(server.calls).toHaveLength(before);
  });

  it.each<[string, Partial<ExtractWords>]>([
    ['another preference', { prompt: 'verbs' }],
    ['another number of words', { wordCount: 4 }],
    ['another language', { targetLang: 'it' }],
    ['another model', { model: 'openai/second' }],
    ['another text', { textId: 'text-2' }],
  ])('does not take an answer for the one to a question with %s', async (_, more) => {
    shelf.texts.set('text-2', `${article} Otra frase.`);
    await extract();
    const before = server.calls.length;
    await extract(more, recordingStep({ attempt: 2 }));
    expect(server.calls).toHaveLength(before + 1);
  });

  it('gives a paid answer even when it cannot be kept, and says so', async () => {
    shelf.breakReceipts();
    const { words, notes } = await extract();
    expect(words).toHaveLength(3);
    expect(notes).toEqual(['The answer could not be kept for a later retry of the job (no connection).']);
  });

  it('asks again after a malformed answer, but not after the third', async () => {
    for (const [attempt, final] of [
      [1, false],
      [2, false],
      [3, true],
    ] as const) {
      server.next('broken-json');
      const failure = await extract({}, recordingStep({ attempt })).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'malformed-answer' });
      expect((failure as StepFailure).options.final ?? false).toBe(final);
      expect(shelf.calls.rows.filter(({ outcome }) => outcome === 'malformed')).toHaveLength(attempt);
    }
  });

  it('does not count other failures as malformed answers', async () => {
    for (const [attempt, behaviour] of (['broken-json', 'broken-json', 'server-error'] as const).entries()) {
      server.next(behaviour);
      await extract({}, recordingStep({ attempt: attempt + 1 })).catch(() => undefined);
    }
    server.next('server-error');
    const failure = await extract({}, recordingStep({ attempt: 4 })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'provider-unavailable' });
    expect((failure as StepFailure).options.final ?? false).toBe(false);
    expect(shelf.calls.rows.map(({ outcome }) => outcome)).toEqual([
      'malformed',
      'malformed',
      'failed',
      'failed',
    ]);
  });

  it('takes an answer without a usable word for a malformed one', async () => {
    server.next('answer', { text: '{"words": []}' });
    await expect(extract()).rejects.toMatchObject({ code: 'malformed-answer' });
  });

  it('gives only what stands in the text, and says what it has dropped', async () => {
    const word = { lemma: null, partOfSpeech: null, gender: null, translation: 'x', examples: [] };
    const words = ['baterías', 'panel', 'Las baterías bajan de precio.', 'ciudades'];
    server.next('answer', { text: JSON.stringify({ words: words.map((one) => ({ ...word, word: one })) }) });
    const extracted = await extract({ wordCount: 5 });
    expect(extracted.words.map((one) => one.word)).toEqual(['baterías', 'ciudades']);
    expect(extracted.notes).toEqual([
      'Dropped 1 word, not in the text: "panel".',
      'Dropped 1 whole sentence, not a word: "Las baterías bajan de precio.".',
    ]);
  });

  it('takes an answer of which nothing stands in the text for a malformed one', async () => {
    const word = { lemma: null, partOfSpeech: null, gender: null, translation: 'x', examples: [] };
    server.next('answer', { text: JSON.stringify({ words: [{ ...word, word: 'panel' }] }) });
    await expect(extract()).rejects.toMatchObject({
      code: 'malformed-answer',
      message: 'openai/any named no Spanish word that stands in the text.',
    });
    expect(shelf.calls.rows.map(({ outcome }) => outcome)).toEqual(['malformed']);
  });

  it('keeps an answer that it has ended, and counts it as one', async () => {
    server.next('slow', { durationMs: 100_000, text: wordsAndMore });
    const { words, usage, notes } = await extract({ wordCount: 3 });
    expect(words).toHaveLength(3);
    expect(usage).toMatchObject({ estimated: true });
    expect(notes).toEqual(['openai/any went on after its answer was complete, and was ended.']);
    expect(shelf.calls.rows.map(({ outcome, estimated }) => [outcome, estimated])).toEqual([
      ['answered', true],
    ]);
    await until(() => server.calls.at(-1)?.abandoned, { what: 'the socket is closed' });
  });

  it('leaves the text so far and an estimated usage when it is cancelled', async () => {
    const controller = new AbortController();
    const step = recordingStep({ signal: controller.signal });
    const reason = new Error('cancelled');
    server.next('hang-mid-stream');
    const extracting = extract({}, step);
    extracting.catch(() => undefined);
    await until(() => step.said.length > 0, { what: 'the model has begun to answer' });
    controller.abort(reason);
    await expect(extracting).rejects.toBe(reason);
    expect(step.left.text).toBe(step.said.join(''));
    expect(step.left.usage).toMatchObject({ estimated: true });
    expect(shelf.receipts.size).toBe(0);
    await until(() => server.calls.at(-1)?.abandoned, { what: 'the socket is closed' });
  });

  it('tells how many words there are so far, about once a second', async () => {
    const step = recordingStep();
    server.next('slow', { durationMs: 1500 });
    await extract({ wordCount: 10 }, step);
    const counts = step.told.slice(1);
    expect(counts.length).toBeGreaterThanOrEqual(1);
    expect(counts.length).toBeLessThanOrEqual(2);
    expect(counts[0]?.message).toBe(`${counts[0]?.done} words so far`);
  });

  it('sends no more than a bounded part of a long text, and notes that', async () => {
    shelf.texts.set('text-1', `${article}\n`.repeat(2000));
    const { notes } = await extract();
    expect(notes).toEqual([expect.stringMatching(/^Only the first 5\d{4} of \d{6} characters were read\.$/)]);
    const sent = JSON.stringify(server.calls.at(-1)?.body);
    expect(sent.length).toBeLessThan(65_000);
  });

  it('does not send characters that nobody sees', async () => {
    shelf.texts.set('text-1', `${article}\u202E\u200B\u{E0049}`);
    await extract();
    const sent = JSON.stringify(server.calls.at(-1)?.body);
    expect(sent).not.toMatch(/[\u202E\u200B\u{E0049}]/u);
  });

  it('fails for good when the text is gone', async () => {
    await expect(extract({ textId: 'gone' })).rejects.toMatchObject({ code: 'result-missing' });
  });

  it('fails for good when this worker does not know the model', async () => {
    await expect(extract({ model: 'openai/other' })).rejects.toMatchObject({ code: 'model-not-found' });
  });
});

describe('extracting words by rules', () => {
  it('says what chose them and what is missing', async () => {
    const { words, provider, usage, notes } = await extract({ model: 'rules', prompt: 'verbs' });
    expect(words.map(({ word }) => word)).toContain('baterías');
    expect(words.every(({ translation }) => translation === null)).toBe(true);
    expect(provider).toBe('rules');
    expect(usage).toBeNull();
    expect(notes.join(' ')).toMatch(/do not translate.*cannot follow the preference/);
  });

  it('leaves no receipt, since nothing was paid', async () => {
    await extract({ model: 'rules' });
    expect(shelf.receipts.size).toBe(0);
  });
});

failOnLeftovers();
