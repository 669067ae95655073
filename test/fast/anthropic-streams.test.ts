import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type AnswerForm, anyText, objectForm } from '../../activities/providers/answer-form.js';
import { createModels } from '../../activities/providers/model.js';
import { type Afterwards, type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { event, rawAnswer } from '../harness/provider-answers.js';

/*
 * What provider-streams.test.ts says of chat completions, of the messages of Anthropic and of who copies them.
 */

const Greeting = z.object({ greeting: z.string(), to: z.string().nullable() });
const json = '{"greeting": "Good morning", "to": "you"}';
const value = { greeting: 'Good morning', to: 'you' };

let server: CaseServer;
let count = 0;

beforeAll(async () => {
  server = await startCaseServer();
});
afterAll(() => server.close());

interface Sent<T> {
  events: readonly { type: string }[];
  form: AnswerForm<T>;
  afterwards?: Afterwards;
}

/** What becomes of a stream of these events, and what its readers were told of it. */
async function ask<T>({ events, form, afterwards = 'close' }: Sent<T>) {
  // One that the SDK knows to give JSON as text.
  const name = `claude-sonnet-4-5-${(count += 1)}`;
  const body = events.map((one) => `event: ${one.type}\n${event(one)}`).join('');
  server.add(name, rawAnswer(body), { afterwards, pace: '0.02s' });
  const model = `anthropic/${name}`;
  const config = { MODEL: model, MODELS: [], ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: server.models };
  let shown = '';
  const given = await createModels(config, { firstMs: 20_000, nextMs: 20_000 }).ask({
    ...{ model, prompt: 'Greet.', form, longestAnswer: 10_000, longestLoop: 2_000, mostTokens: 5_000 },
    signal: new AbortController().signal,
    onText: (piece) => void (shown += piece),
    onRestart: () => void (shown = ''),
  });
  return { ...given, shown };
}

const begun = {
  type: 'message_start',
  message: {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] },
    ...{ stop_reason: null, stop_sequence: null, usage: { input_tokens: 900, output_tokens: 1 } },
  },
};
const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const said = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});
const closed = { type: 'content_block_stop', index: 0 };
const marked = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 120 },
};
const over = { type: 'message_stop' };

const whole = (text: string) => [begun, block, said(text), closed, marked, over];
const greet = (events: Sent<unknown>['events'], afterwards?: Afterwards) =>
  ask({ events, form: objectForm(Greeting), ...(afterwards && { afterwards }) });
const isUnmarked = (notes: string[]) => notes.some((note) => note.includes('did not say that its answer'));

describe('an answer of Anthropic whose end is marked', () => {
  it.each<Afterwards>(['reset', 'stay-open', 'close'])(
    'is taken whatever the connection does then (%s)',
    async (afterwards) => {
      const { value: read, usage, notes } = await greet(whole(json), afterwards);
      expect(read).toEqual(value);
      expect(usage).toMatchObject({ inputTokens: 900, outputTokens: 120 });
      expect(isUnmarked(notes)).toBe(false);
    },
  );

  it.each<Afterwards>(['reset', 'stay-open', 'close'])(
    'is taken when its end mark was the last word (%s)',
    async (afterwards) => {
      const events = whole('Hello.').slice(0, -1);
      expect((await ask({ events, form: anyText, afterwards })).text).toBe('Hello.');
    },
  );

  it('may hold a part that nobody knows, which the step notes', async () => {
    const [first, ...rest] = whole(json);
    const { value: read, notes } = await greet([first ?? over, { type: 'weather' }, ...rest]);
    expect(read).toEqual(value);
    expect(notes).toContainEqual(expect.stringContaining('1 parts of the stream'));
  });

  it('shows no reasoning', async () => {
    const thought = [
      begun,
      { ...block, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { ...said(''), delta: { type: 'thinking_delta', thinking: 'secret' } },
      closed,
      { ...block, index: 1 },
      { ...said('Hello.'), index: 1 },
      { ...closed, index: 1 },
      marked,
      over,
    ];
    const { text, shown } = await ask({ events: thought, form: anyText });
    expect([text, shown]).toEqual(['Hello.', 'Hello.']);
  });
});

describe('an answer of Anthropic whose end is not marked', () => {
  it.each<[string, { type: string }[], Afterwards]>([
    ['with nothing behind it', [], 'close'],
    ['with a broken connection', [], 'reset'],
    [
      'with a fault',
      [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as { type: string }],
      'close',
    ],
  ])('is taken as JSON in full, %s, and the step says so', async (_, behind, afterwards) => {
    const { value: read, notes } = await greet([begun, block, said(json), ...behind], afterwards);
    expect(read).toEqual(value);
    expect(isUnmarked(notes)).toBe(true);
  });

  it.each<Afterwards>(['close', 'reset'])('is cut off as text (%s)', async (afterwards) => {
    const events = [begun, block, said('Hello')];
    expect((await failureOf(ask({ events, form: anyText, afterwards }))).code).toBe('answer-cut-off');
  });
});

failOnLeftovers();
