import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jsonSchema } from 'ai';
import { z } from 'zod';
import { anyText, objectForm } from '../../activities/providers/answer-form.js';
import { JsonItems } from '../../activities/providers/json-items.js';
import { endsInLoop } from '../../activities/providers/loop.js';
import { type Answer, type Models, type Question, createModels } from '../../activities/providers/model.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const List = z.object({ words: z.array(z.object({ word: z.string() })) });
type List = z.infer<typeof List>;

const list = (count: number): List => ({
  words: Array.from({ length: count }, (_, index) => ({ word: `a "[{ ${index}` })),
});
const asked = 4;
const form = objectForm(List, { list: { name: 'words', asked } });

let server: ModelServer;
let models: Models;

beforeAll(async () => {
  server = await startModelServer();
  models = createModels({ MODEL: 'openai/any', MODELS: [], OPENAI_BASE_URL: server.url });
});
afterAll(() => server.close());

const question = <T>(more: Pick<Question<T>, 'form'> & Partial<Question<T>>): Question<T> => ({
  model: 'openai/any',
  prompt: 'Name words.',
  longestAnswer: 20_000,
  longestLoop: 2_000,
  mostTokens: 10_000,
  signal: new AbortController().signal,
  ...more,
});

const ask = (more: Partial<Question<List>> = {}): Promise<Answer<List>> =>
  models.ask(question({ form, ...more }));
const askText = (): Promise<Answer<null>> => models.ask(question({ form: anyText }));

const weEnded = () => until(() => server.calls.at(-1)?.abandoned, { what: 'the call was ended by us' });

describe('an answer that holds all that was asked for', () => {
  it.each(['blank-lines', 'never-done'] as const)('ends the call (%s)', async (behaviour) => {
    server.next(behaviour, { text: JSON.stringify(list(2)) });
    const answer = await ask();
    expect(answer).toMatchObject({ value: list(2), finishReason: 'stop', usage: { estimated: true } });
    expect(answer.notes).toEqual(['openai/any went on after its answer was complete, and was ended.']);
    await weEnded();
  });

  it('ends the call at the first item too many', async () => {
    server.next('slow', { text: JSON.stringify(list(400)), durationMs: 100_000 });
    const answer = await ask();
    expect(answer).toMatchObject({ value: list(asked), finishReason: 'stop' });
    expect(answer.usage?.outputTokens).toBeLessThan(100);
    await weEnded();
  });

  it('ends the call wherever it stands', async () => {
    const said = `<think>{"words": [{"word": "no"}]}</think> Here: {"a": 1} ${JSON.stringify(list(1))}`;
    const reads = objectForm(List);
    server.next('never-done', { text: said });
    const lenient = { ...reads, read: (text: string) => reads.read(text.slice(text.indexOf('{"words"'))) };
    expect((await ask({ form: lenient })).value).toEqual(list(1));
    await weEnded();
  });

  it('is the last of several, also when that is cut', async () => {
    const [first, last] = [list(1), list(2)].map((value) => JSON.stringify(value));
    server.next('never-done', { text: `Perhaps ${first}? No: ${last}, I think.` });
    const reads = objectForm(List);
    expect((await ask({ form: reads })).value).toEqual(list(2));
    await weEnded();
    server.next('whole-at-limit', { text: `Perhaps ${first}? No: ${last?.slice(0, -2)}` });
    expect((await ask({ form: reads })).value).toEqual(list(1));
  });

  it('is not what a list begins with', async () => {
    const whole = JSON.stringify([{ word: 'a' }, { word: 'b' }]);
    const schema = jsonSchema({ type: 'object' });
    const lists = { ...anyText, schema, read: (text: string): unknown => JSON.parse(text) };
    server.next('never-done', { text: whole });
    expect((await models.ask(question({ form: lists }))).value).toEqual(JSON.parse(whole));
    await weEnded();
  });

  it('is read to its end where the model ends it, so that it says what it cost', async () => {
    server.next('answer', { text: JSON.stringify(list(asked)) });
    const answer = await ask();
    expect(answer).toMatchObject({ value: list(asked), notes: [] });
    expect(answer.usage).not.toHaveProperty('estimated');
    expect(server.calls.at(-1)?.abandoned).toBe(false);
  });
});

describe('an answer that was cut at its length', () => {
  const text = (count: number) => JSON.stringify(list(count)).slice(0, -4);

  it('is kept as far as it is complete when that is a good part', async () => {
    server.next('whole-at-limit', { text: text(3) });
    const answer = await ask();
    expect(answer).toMatchObject({ value: list(2), finishReason: 'length' });
    expect(answer.notes).toEqual([
      'openai/any was cut off at its length limit; the 2 of 4 words it had given were kept.',
    ]);
    expect(answer.usage).not.toHaveProperty('estimated');
  });

  it('is too long when that is no good part', async () => {
    server.next('whole-at-limit', { text: text(2) });
    await expect(ask()).rejects.toMatchObject({ code: 'answer-too-long' });
  });

  it('is whole when it was cut behind its end', async () => {
    server.next('whole-at-limit', { text: `${JSON.stringify(list(1))}\n\n\n` });
    expect(await ask()).toMatchObject({ value: list(1), finishReason: 'stop', notes: [] });
  });

  it('is kept likewise where we cut it', async () => {
    server.next('answer', {
      text: `${JSON.stringify(list(2)).slice(0, -2)},{"word":"${'abcd'.repeat(9_000)}`,
    });
    expect(await ask({ longestLoop: 100_000 })).toMatchObject({ value: list(2), finishReason: 'length' });
  });
});

describe('a model that says the same over and over', () => {
  it.each([
    ['the same line', 'La luz del faro.\n'],
    ['white space', ' '.repeat(100)],
    ['the same lines', Array.from({ length: 12 }, (_, n) => `line ${n}`).join('\n')],
  ])('is ended, and is of no use as JSON (%s)', async (_, text) => {
    server.next('loop', { text });
    await expect(ask({ longestAnswer: 1_000_000_000 })).rejects.toMatchObject({
      code: 'malformed-answer',
      message: 'openai/any repeated itself over and over and was cut off.',
    });
    await weEnded();
  });

  it('has its complete items kept', async () => {
    server.next('answer', {
      text: `${JSON.stringify(list(2)).slice(0, -2)},{"word":"${'abcd'.repeat(1_000)}`,
    });
    expect(await ask()).toMatchObject({
      value: list(2),
      notes: ['openai/any was cut off when it repeated itself; the 2 of 4 words it had given were kept.'],
    });
  });

  it('has its text kept, with a note', async () => {
    server.next('loop', { text: 'Once upon a time.\n' });
    const answer = await askText();
    expect(answer).toMatchObject({ finishReason: 'length' });
    expect(answer.text.startsWith('Once upon a time.\nOnce')).toBe(true);
    expect(answer.notes).toEqual(['openai/any repeated itself over and over, and was ended.']);
    await weEnded();
  });

  it.each([
    ['that ends', 'Una línea.\n'.repeat(150), false],
    ['that goes on', 'Una línea.\n'.repeat(200), true],
    ['that has just begun', `${'Otra cosa, y otra más. '.repeat(40)}${'ab'.repeat(600)}`, false],
    ['of numbers that differ', Array.from({ length: 900 }, (_, n) => `${n}.`).join('\n'), false],
    [
      'of pieces too long to be one',
      Array.from({ length: 600 }, (_, n) => n)
        .join(' ')
        .repeat(3),
      false,
    ],
  ])('is known by a text %s', (_, text, loops) => {
    expect(endsInLoop(text, 2_000)).toBe(loops);
  });
});

describe('JSON while it is being written', () => {
  const written = JSON.stringify({
    note: 'a \\" } ] \\\\',
    words: [{ a: { b: [] } }, { c: '}' }],
    more: [{}],
  });

  it.each([1, 2, 7, 1_000])('is followed in pieces of %i', (size) => {
    const items = new JsonItems();
    const counts: number[] = [];
    for (let at = 0; at < written.length; at += size) {
      items.add(written.slice(at, at + size));
      counts.push(items.items);
    }
    expect(items.closed).toBe(true);
    expect(items.whole()).toBe(written);
    expect(counts.at(-1)).toBe(3);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it('is closed with its complete items at any moment', () => {
    const text = JSON.stringify(list(3));
    for (let end = text.indexOf('}') + 1; end < text.length; end += 1) {
      const items = new JsonItems();
      items.add(text.slice(0, end));
      expect(JSON.parse(items.completeItems())).toEqual(list(items.items));
    }
  });
});

failOnLeftovers();
