import { randomInt } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

/*
 * From the document of that system: its web server posts with a short time-out, polls by the id it was given, and passes
 * frames of a stream on.
 */

interface Status {
  status: string;
  content: string | null;
  error: string | null;
}

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream, openai/context-too-long' });
  await house.startWorker();
});
afterAll(() => house.close());

const number = () => randomInt(1, 2 ** 31);

const post = (path: string, body: object): Promise<Response> =>
  until(
    async () => {
      const sent = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      const answer = await fetch(`${house.url}${path}`, sent);
      if (![409, 503].includes(answer.status)) return answer;
      await answer.text();
      return null;
    },
    { what: `${path} answers` },
  );

const start = async (kind: 'cv' | 'cover-letter', body: object): Promise<string> => {
  const answer = await post(`/generate/${kind}`, body);
  const started = (await answer.json()) as { task_id: string };
  expect([answer.status, started]).toEqual([
    200,
    { task_id: expect.stringMatching(/^[A-Za-z0-9._~:-]{1,100}$/), message: expect.stringMatching(/\w/) },
  ]);
  return started.task_id;
};

/** `pollStatus` of the page. */
const done = (taskId: string): Promise<Status> =>
  until(
    async () => {
      const answer = await fetch(`${house.url}/generate/status/${taskId}`);
      const now = (await answer.json()) as Status;
      return ['completed', 'failed'].includes(now.status) && now;
    },
    { what: 'the task is completed or failed' },
  );

const application = (change: object = {}) => ({
  application_id: number(),
  candidate: { first_name: 'Marie', skills: ['SQL'] },
  job_offer: { title: 'Data engineer' },
  ...change,
});

/** All that the model was told in the call whose messages hold the words. */
const toldWith = (words: string | number): string =>
  house.models.calls.map(({ body }) => JSON.stringify(body)).find((told) => told.includes(`${words}`)) ?? '';

/** The tokens of a stream taken together, and how it ended. */
async function heard(answer: Response): Promise<{ said: string; end: string }> {
  const frames = (await answer.text()).split('\n\n').filter((frame) => frame.startsWith('data: '));
  const end = frames.pop()?.slice('data: '.length) ?? '';
  const tokens = frames.map((frame) => (JSON.parse(frame.slice('data: '.length)) as { token: string }).token);
  return { said: tokens.join(''), end };
}

const say = (body: object) => post('/chat/message/stream', body);

/** In a stream, what would be a 503 is an error, and a server that is busy with other tests is asked again. */
const reply = (body: object) =>
  whileBusy(
    async () => heard(await say(body)),
    ({ said, end }) => (said === '' && /^\{"error": "The (Temporal server|database) /.test(end) ? 503 : 200),
  );

describe('what is written', () => {
  it('is as free as the level says, and usual where none or no such level is given', async () => {
    const told = async (change: object) => {
      const name = `Marie-${number()}`;
      await done(await start('cv', application({ ...change, candidate: { first_name: name } })));
      return toldWith(name)
        .replaceAll(name, '')
        .replaceAll(/-[0-9a-f]{16}\b/g, '');
    };
    const [one, two, three, four, ...usual] = await Promise.all(
      [1, 2, 3, 4, undefined, null, 0, 5, '2'].map((adaptation_level) => told({ adaptation_level })),
    );
    expect(new Set([one, two, three, four]).size).toBe(4);
    for (const other of usual) expect(other).toBe(two);
  });

  it.each([[undefined], [null], ['']])(
    'is a letter without a CV that was made before (%p)',
    async (custom_cv) => {
      house.models.next('answer', { text: 'Madame, Monsieur,' });
      expect(await done(await start('cover-letter', application({ custom_cv })))).toEqual({
        ...{ status: 'completed', content: 'Madame, Monsieur,', error: null },
      });
    },
  );

  it.each([[0], [-1], ['12']])('is for the application %p', async (application_id) => {
    house.models.next('answer', { text: 'A CV' });
    expect(await done(await start('cv', application({ application_id })))).toMatchObject({ content: 'A CV' });
  });

  it('is of a person of 2 MB, and fails with a sentence only where the model cannot read it', async () => {
    const description = 'Beaucoup de texte. '.repeat(110_000);
    const candidate = { experiences: [{ entity: 'SNCF', description }], skills: ['x'.repeat(10_000)] };
    house.models.next('answer', { text: 'Read.' });
    expect(await done(await start('cv', application({ candidate })))).toMatchObject({ content: 'Read.' });
    const llm_config = { model: 'context-too-long' };
    for (const kind of ['cv', 'cover-letter'] as const) {
      expect(await done(await start(kind, application({ candidate, llm_config })))).toEqual({
        ...{ status: 'failed', content: null, error: expect.stringMatching(/^\S.* .*\.$/) },
      });
    }
  });

  it('is nothing where the request is larger than any, which is said', async () => {
    const candidate = { skills: ['x'.repeat(13 * 1024 * 1024)] };
    const payload = application({ candidate });
    const answer = await house.api.inject({ method: 'POST', url: '/generate/cv', payload });
    expect([answer.statusCode, answer.json()]).toEqual([
      413,
      expect.objectContaining({ detail: expect.stringMatching(/bytes/) }),
    ]);
  });
});

describe('the coach', () => {
  it('takes null for whatever may be absent, and the number of a conversation as text', async () => {
    const nothing = { history: null, user_context: null, coaching_type: null, autonomy_level: null };
    for (const conversation_id of [number(), `${number()}`]) {
      const body = { conversation_id, message: 'Bonjour', ...nothing, llm_config: null, unheard_of: {} };
      expect(await reply(body)).toEqual({ said: 'You said: Bonjour', end: '[DONE]' });
      const { status } = await house.request('GET', `/v1/conversations/ai-assistant:${conversation_id}`);
      expect(status).toBe(200);
    }
  });

  it('is as free as autonomy_level says, wherever that stands', async () => {
    const told = async (change: object) => {
      const id = number();
      await reply({ conversation_id: id, message: `Bonjour ${id}`, ...change });
      return toldWith(`Bonjour ${id}`).replaceAll(`${id}`, '');
    };
    const levels = await Promise.all([1, 2, 3, 4, 5].map((autonomy_level) => told({ autonomy_level })));
    expect(new Set(levels).size).toBe(5);
    const [first, , usual, , last] = levels;
    expect(await told({})).toBe(usual);
    expect(await told({ autonomy_level: 0 })).toBe(first);
    expect(await told({ autonomy_level: 9 })).toBe(last);
    expect(await told({ user_context: { autonomy_level: 5 } })).toContain('Take the lead');
  });

  it('gives the block of a success to the page as it is', async () => {
    const parts = { title: 'T "1"', situation: 'S', task: 'T', action: 'A\nB', result: 'R' };
    const success = { ...parts, skills_demonstrated: ['x'] };
    const block = `[STAR_COMPLETE_START]\n${JSON.stringify(success)}\n[STAR_COMPLETE_END]`;
    house.models.next('answer', { text: `Bravo !\n${block}` });
    const { said, end } = await reply({ conversation_id: number(), message: 'Oui' });
    expect([said, end]).toEqual([`Bravo !\n${block}`, '[DONE]']);
    const [, json = ''] = /\[STAR_COMPLETE_START\]([^]*)\[STAR_COMPLETE_END\]/.exec(said) ?? [];
    expect(JSON.parse(json)).toEqual(success);
  });

  it('speaks in two conversations side by side, and breaks a silence with a comment', async () => {
    const silent = number();
    const asked = house.models.calls.length;
    const listening = await say({
      ...{ conversation_id: silent, message: 'so it was '.repeat(60) },
      llm_config: { model: 'hang-mid-stream' },
    });
    await until(() => house.models.calls.length > asked, { what: 'the model is asked' });
    expect(await reply({ conversation_id: number(), message: 'Salut' })).toEqual({
      ...{ said: 'You said: Salut', end: '[DONE]' },
    });
    const reader = (listening.body as ReadableStream<Uint8Array>).getReader();
    let body = '';
    // A stream that says nothing is given up by that system after 120 s.
    while (!/^data: [^]*\n:.*\n/m.test(body)) {
      const { value, done: over } = await reader.read();
      if (over) break;
      body += Buffer.from(value).toString();
    }
    expect(body).toMatch(/^data: \{"token": "[^]*\n\n:[^\n]*\n/m);
    await reader.cancel();
    const stop = () => house.request('POST', `/v1/conversations/ai-assistant:${silent}/stop`, {});
    await whileBusy(stop, ({ status }) => status);
  });
});

const calling = (...asked: Parameters<typeof called>) =>
  whileBusy(
    () => called(...asked),
    ({ status }) => status,
  );

/** As its web server calls with an address `http://x:<key>@host`, from another machine. */
const called = (method: 'GET' | 'POST', path: string, { key, body }: { key: string | null; body?: object }) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { host: 'ai-assistant:8084', 'content-type': 'application/json' };
    const options = { method, agent: false, headers, ...(key === null ? {} : { auth: `x:${key}` }) };
    const sent = request(`${house.url}${path}`, options, (answer) => {
      text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, body: said }), reject);
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });

it('the server of that system calls by another name, with its key as a password', async () => {
  const [anna, ben] = await Promise.all([makeKey(house.db, 'anna'), makeKey(house.db, 'ben')]);
  const isAsked = async () => (await calling('GET', '/generate/status/x', { key: null })).status === 401;
  await until(isAsked, { what: 'the API asks for a key' });
  const id = number();
  for (const [path, body] of [
    ['/generate/cv', application()],
    ['/chat/message/stream', { conversation_id: id, message: 'Bonjour' }],
  ] as const) {
    const { status, body: said } = await calling('POST', path, { key: null, body });
    expect([path, status, JSON.parse(said)]).toEqual([path, 401, { detail: expect.stringMatching(/\w/) }]);
  }
  const started = await calling('POST', '/generate/cv', { key: anna.key, body: application() });
  expect(started.status).toBe(200);
  const { task_id } = JSON.parse(started.body) as { task_id: string };
  const read = (key: string) => calling('GET', `/generate/status/${task_id}`, { key });
  const completed = async () => /"completed"/.test((await read(anna.key)).body);
  await until(completed, { what: 'the CV is written' });
  expect((await read(ben.key)).status).toBe(404);
  // One number, and two conversations.
  for (const [key, message] of [
    [anna.key, 'Anna'],
    [ben.key, 'Ben'],
  ] as const) {
    const said = await calling('POST', '/chat/message/stream', {
      key,
      body: { conversation_id: id, message },
    });
    expect([said.status, said.body]).toEqual([200, expect.stringContaining('[DONE]')]);
  }
  const path = `/v1/conversations/ai-assistant:${id}`;
  const messages = async (headers: Record<string, string>) => {
    const { body } = await house.request<{ messages: { content: string }[] }>(
      'GET',
      path,
      undefined,
      headers,
    );
    return body.messages.map(({ content }) => content);
  };
  expect(await messages(anna.headers)).toEqual(['Anna', 'You said: Anna']);
  expect(await messages(ben.headers)).toEqual(['Ben', 'You said: Ben']);
});

failOnLeftovers();
