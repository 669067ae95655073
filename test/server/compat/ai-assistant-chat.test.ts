import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ReadConversation } from '../../../src/conversations/views.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

/*
 * From the document of that system: its server posts to /chat/message/stream, passes what comes to its page, and the page
 * reads lines that begin with "data: ".
 */

interface ChatMessageRequest {
  conversation_id: number;
  message: string;
  history?: { role: string; content: string | null }[] | null;
  user_context?: Record<string, unknown> | null;
  coaching_type?: 'star' | 'pitch' | null;
  llm_config?: Record<string, unknown> | null;
  [unknown: string]: unknown;
}

interface Heard {
  status: number;
  headers: Headers;
  body: string;
  tokens: string[];
  error: string | null;
  done: boolean;
}

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream, openai/other' });
  await house.startWorker();
});
afterAll(() => house.close());

const number = () => randomInt(1, 2 ** 31);

/** A server that is busy with other tests is asked again. */
const post = (path: string, body: unknown, base = house.url) => {
  const sent = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  return whileBusy(
    () => fetch(base + path, sent),
    ({ status }) => status,
  );
};

/** What that page makes of an answer. A line that it does not know is an error here. */
async function hear(answer: Response): Promise<Heard> {
  const body = await answer.text();
  const heard: Heard = {
    status: answer.status,
    headers: answer.headers,
    body,
    tokens: [],
    error: null,
    done: false,
  };
  if (answer.status !== 200) return heard;
  for (const part of body.split('\n\n')) {
    if (part === '' || part.startsWith(':')) continue;
    const [, data = ''] = /^data: (.*)$/.exec(part) ?? [];
    if (heard.done || heard.error !== null) throw new Error(`"${part}" follows the end`);
    if (data === '[DONE]') {
      heard.done = true;
      continue;
    }
    const fields = JSON.parse(data) as { token?: string; error?: string };
    expect(Object.keys(fields)).toHaveLength(1);
    if (fields.error !== undefined) heard.error = fields.error;
    else heard.tokens.push(fields.token ?? '');
  }
  return heard;
}

/** In a stream, what would be a 503 is an error. */
const heardOf = (path: string, body: unknown, base = house.url) =>
  whileBusy(
    async () => hear(await post(path, body, base)),
    ({ status, error }) => (/^The (Temporal server|database) /.test(error ?? '') ? 503 : status),
  );

const stream = (body: ChatMessageRequest, base = house.url) => heardOf('/chat/message/stream', body, base);

const textOf = ({ tokens }: Heard) => tokens.join('');

const messagesOf = (body: unknown) => (body as { messages: { role: string; content: string }[] }).messages;

const called = (words: string) =>
  house.models.calls.find(({ body }) => JSON.stringify(messagesOf(body).at(-1)).includes(words));

const conversation = async (id: number) => {
  const read = () => house.request<ReadConversation>('GET', `/v1/conversations/ai-assistant:${id}`);
  return (await whileBusy(read, ({ status }) => status)).body;
};

const long = (about: string) => `${about} ${'and so on '.repeat(60)}`;

describe("the coach's stream", () => {
  it('is tokens, then [DONE], as that page reads them', async () => {
    const id = number();
    const heard = await stream({ conversation_id: id, message: 'Bonjour "é"\nà vous' });
    expect(heard.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(heard.headers.get('cache-control')).toBe('no-cache');
    expect(heard.headers.get('x-accel-buffering')).toBe('no');
    expect(heard).toMatchObject({ status: 200, error: null, done: true });
    expect(textOf(heard)).toBe('You said: Bonjour "é"\nà vous');
    expect(heard.body).toMatch(/^data: \{"token": "You said/);
    expect(heard.body).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  });

  it('tells the model the history as it comes, and who the person is', async () => {
    const id = number();
    const message = `Et maintenant ? ${id}`;
    await stream({
      conversation_id: id,
      message,
      history: [
        { role: 'user', content: 'Bonjour' },
        { role: 'assistant', content: '' },
        { role: 'assistant', content: 'Quel succès ?' },
        { role: 'user', content: message },
      ],
      user_context: { first_name: 'Zoé', experiences: [{ entity: '', position: null }] },
      unknown: 1,
    });
    const [system, ...told] = messagesOf(called(message)?.body);
    expect(told).toEqual([
      { role: 'user', content: 'Bonjour' },
      { role: 'assistant', content: 'Quel succès ?' },
      { role: 'user', content: message },
    ]);
    expect(system?.content).toMatch(/STAR_COMPLETE_START[^]*Zoé/);
  });

  it('has another coach for a pitch, and another freedom by autonomy_level', async () => {
    const id = number();
    await stream({
      conversation_id: id,
      message: `Pitch ${id}`,
      coaching_type: 'pitch',
      user_context: { autonomy_level: 5 },
      llm_config: { llm_endpoint: null, llm_model: null, llm_api_key: null },
    });
    const [system] = messagesOf(called(`Pitch ${id}`)?.body);
    expect(system?.content).toMatch(/30 seconds[^]*Take the lead/);
    expect(system?.content).not.toContain('STAR_COMPLETE');
  });

  it('opens a conversation, which is kept under its number', async () => {
    const id = number();
    const heard = await heardOf('/chat/start/stream', { conversation_id: id, coaching_type: 'star' });
    expect(heard).toMatchObject({ error: null, done: true });
    await stream({ conversation_id: id, message: 'Bonjour', history: [] });
    expect((await conversation(id)).messages.map(({ role, content }) => [role, content])).toEqual([
      ['assistant', textOf(heard)],
      ['user', 'Bonjour'],
      ['assistant', 'You said: Bonjour'],
    ]);
  });

  it('goes on without a listener, and two messages are answered in order', async () => {
    const id = number();
    const gone = new AbortController();
    house.models.next('slow', { durationMs: 2_000 });
    const first = await fetch(`${house.url}/chat/message/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ conversation_id: id, message: long('One') }),
      signal: gone.signal,
    });
    const reader = (first.body as ReadableStream<Uint8Array>).getReader();
    let word = '';
    // Where the first word takes long, comments come before it.
    while (word.replaceAll(/^:.*\n\n/gm, '') === '') {
      const { value, done } = await reader.read();
      word += Buffer.from(value ?? []).toString();
      if (done) break;
    }
    expect(word).toContain('data: {"token": ');
    gone.abort();
    const second = await stream({ conversation_id: id, message: 'Two' });
    expect(textOf(second)).toBe('You said: Two');
    expect((await conversation(id)).messages.map(({ content, status }) => [content, status])).toEqual([
      [long('One'), 'sent'],
      [`You said: ${long('One')}`, 'complete'],
      ['Two', 'sent'],
      ['You said: Two', 'complete'],
    ]);
  });

  it('sends no words twice when the model begins again with the same', async () => {
    house.models.next('cut-mid-stream');
    const heard = await stream({ conversation_id: number(), message: long('Frogs') });
    expect(heard).toMatchObject({ error: null, done: true });
    expect(textOf(heard)).toBe(`You said: ${long('Frogs')}`);
  });

  it('says that the answer was begun again in other words, and is kept', async () => {
    const id = number();
    house.models.next('cut-mid-stream', { text: 'Something else entirely, '.repeat(10) });
    const heard = await stream({ conversation_id: id, message: 'Toads' });
    expect(heard).toMatchObject({
      status: 200,
      done: false,
      error: expect.stringMatching(/begun again.*kept/),
    });
    expect(textOf(heard)).toMatch(/^Something else/);
    const kept = () => conversation(id).then(({ messages }) => messages.at(-1)?.status === 'complete');
    await until(kept, { what: 'the answer is kept' });
    expect((await conversation(id)).messages.at(-1)?.content).toBe('You said: Toads');
  });

  it('ends with a sentence when there is no answer, or half of one', async () => {
    house.models.next('wrong-key');
    const refused = await stream({ conversation_id: number(), message: 'Hello' });
    expect(refused).toMatchObject({
      status: 200,
      tokens: [],
      done: false,
      error: expect.stringMatching(/key/),
    });
    house.models.next('length-limit');
    const cut = await stream({ conversation_id: number(), message: long('Newts') });
    expect(cut).toMatchObject({ done: false, error: expect.stringMatching(/cut off/) });
  });

  it('ends with a sentence when somebody stops it', async () => {
    const id = number();
    const listening = stream({
      conversation_id: id,
      message: long('Olms'),
      llm_config: { model: 'openai/hang-mid-stream' },
    });
    const writing = () => conversation(id).then(({ messages }) => messages.at(-1)?.content.includes('Olms'));
    await until(writing, { what: 'the coach speaks' });
    const stop = () => house.request('POST', `/v1/conversations/ai-assistant:${id}/stop`, {});
    await whileBusy(stop, ({ status }) => status);
    expect(await listening).toMatchObject({ done: false, error: expect.stringMatching(/stopped/) });
  });

  it.each([
    [{ conversation_id: 1, message: 'x', llm_config: { llm_api_key: 'sk-secret' } }, /key/],
    [{ conversation_id: 1, message: 'x', llm_config: { llm_endpoint: 'http://127.0.0.1:1/' } }, /address/],
    [{ conversation_id: 1, message: 'x', llm_config: { llm_model: 'nobody' } }, /openai\/answer/],
    [{ conversation_id: 1, message: '  ' }, /message/],
  ])('refuses %j with one error frame', async (body, sentence) => {
    const heard = await stream(body);
    expect(heard).toMatchObject({
      status: 200,
      tokens: [],
      done: false,
      error: expect.stringMatching(sentence),
    });
    expect(heard.body).not.toContain('sk-secret');
  });

  it.each([
    ['{}', ['conversation_id', 'message']],
    [{ conversation_id: 'one', message: 'x' }, ['conversation_id']],
    [{ conversation_id: 1, message: 'x', coaching_type: 'other' }, ['coaching_type']],
    [{ conversation_id: 1, message: 'x', history: [{ content: 'y' }] }, ['history']],
  ])('refuses %j before the stream', async (body, fields) => {
    const answer = await post('/chat/message/stream', body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, expect.stringMatching(/json/)]);
    const { detail } = (await answer.json()) as { detail: { loc: string[]; msg: string; type: string }[] };
    expect(detail.map(({ loc: [part, field] }) => [part, field])).toEqual(
      fields.map((field) => ['body', field]),
    );
  });

  it('takes a person who is told at length', async () => {
    const id = number();
    const user_context = { cv: 'Lorem ipsum. '.repeat(160_000) };
    const heard = await stream({ conversation_id: id, message: `Hi ${id}`, user_context });
    expect(heard).toMatchObject({ error: null, done: true });
  });
});

interface Status {
  status: string;
  response: string | null;
  error: string | null;
  extracted_data: Record<string, unknown> | null;
}

const status = async (id: string): Promise<Status> => {
  const read = () => fetch(`${house.url}/chat/message/status/${id}`);
  return (await whileBusy(read, (answer) => answer.status)).json() as Promise<Status>;
};

/** As that system polls. */
const settled = (id: string) =>
  until(
    async () => {
      const now = await status(id);
      return ['pending', 'processing'].includes(now.status) ? null : now;
    },
    { what: 'the task has ended' },
  );

async function started(path: string, body: object): Promise<string> {
  const answer = await post(path, body);
  expect(answer.status).toBe(200);
  const { task_id, message } = (await answer.json()) as { task_id: string; message: string };
  expect(task_id).toMatch(/^[A-Za-z0-9._~:-]{1,100}$/);
  expect(message).toMatch(/\w/);
  return task_id;
}

describe("the coach's tasks", () => {
  it('open a conversation and answer in it', async () => {
    const id = number();
    const opening = await settled(await started('/chat/start', { conversation_id: id }));
    expect(opening).toMatchObject({ status: 'completed', error: null, extracted_data: null });
    const task = await started('/chat/message/async', { conversation_id: id, message: 'Bonjour' });
    expect(await settled(task)).toEqual({
      status: 'completed',
      response: 'You said: Bonjour',
      error: null,
      extracted_data: null,
    });
  });

  it('tell the success that the coach has told', async () => {
    const success = {
      title: 'T',
      situation: 'S',
      task: 'T',
      action: 'A',
      result: 'R',
      skills_demonstrated: ['x'],
    };
    const text = `Bravo !\n[STAR_COMPLETE_START]\n${JSON.stringify(success)}\n[STAR_COMPLETE_END]`;
    house.models.next('answer', { text });
    const task = await started('/chat/message/async', { conversation_id: number(), message: 'Oui' });
    expect(await settled(task)).toMatchObject({
      status: 'completed',
      response: text,
      extracted_data: success,
    });
  });

  it('fail with a sentence', async () => {
    house.models.next('wrong-key');
    const task = await started('/chat/message/async', { conversation_id: number(), message: 'Oui' });
    expect(await settled(task)).toEqual({
      status: 'failed',
      response: null,
      error: expect.stringMatching(/key.*\./),
      extracted_data: null,
    });
  });

  it('that are not there are 404', async () => {
    const answer = await fetch(`${house.url}/chat/message/status/nothing`);
    expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Task not found' }]);
  });

  it.each([
    [{ conversation_id: 1, message: ' ' }],
    [{ conversation_id: 1, message: 'x', llm_config: { api_key: 'sk-secret' } }],
  ])('are refused with a sentence: %j', async (body) => {
    const answer = await post('/chat/message/async', body);
    const { detail } = (await answer.json()) as { detail: unknown };
    expect([answer.status, detail]).toEqual([422, expect.stringMatching(/^\S.*\.$/)]);
    expect(String(detail)).not.toContain('sk-secret');
  });
});

describe('without a model', () => {
  it('the coach is one error frame that says how to set one', async () => {
    const bare = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
    try {
      for (const path of ['/chat/message/stream', '/chat/start/stream']) {
        const heard = await heardOf(path, { conversation_id: 1, message: 'Hello' }, bare.url);
        expect(heard).toMatchObject({
          status: 200,
          tokens: [],
          done: false,
          error: expect.stringContaining('MODEL'),
        });
      }
      const answer = await post('/chat/start', { conversation_id: 1 }, bare.url);
      expect([answer.status, await answer.json()]).toEqual([
        422,
        { detail: expect.stringContaining('MODEL') },
      ]);
    } finally {
      await bare.close();
    }
  });
});

failOnLeftovers();
