import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type {
  Conversation,
  ConversationList,
  ReadConversation,
  SentMessage,
} from '../../../src/conversations/views.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
});
afterAll(() => house.close());

const ask = <T>(method: 'GET' | 'POST', path: string, body?: object, headers?: Record<string, string>) =>
  whileBusy(
    () => house.request<T>(method, path, body, headers),
    ({ status }) => status,
  );

const begun = async (request: object = {}): Promise<string> =>
  (await ask<Conversation>('POST', '/v1/conversations', request)).body.id;

const read = async (id: string, query = '') =>
  (await ask<ReadConversation>('GET', `/v1/conversations/${id}${query}`)).body;

/** With a key, so that a message that was taken late is not sent twice. */
const send = (id: string, body: object, headers: Record<string, string> = {}) =>
  ask<SentMessage>('POST', `/v1/conversations/${id}/messages`, body, {
    'idempotency-key': randomUUID(),
    ...headers,
  });

const answered = (id: string, content: string) => send(id, { content }, { prefer: 'wait=30' });

const contents = async (id: string) => (await read(id)).messages.map(({ content }) => content);

const long = (about: string) => `${about} ${'and so on '.repeat(60)}`;

describe('a conversation', () => {
  it('is begun with how the model is to behave, listed, read and deleted', async () => {
    const answer = await house.request<Conversation>('POST', '/v1/conversations', {
      title: 'The sea',
      system: 'Be kind.',
    });
    expect(answer).toMatchObject({ status: 201, body: { title: 'The sea', system: 'Be kind.' } });
    const { id } = answer.body;
    expect(answer.headers['location']).toBe(`/v1/conversations/${id}`);
    const { body: list } = await house.request<ConversationList>('GET', '/v1/conversations');
    expect(list.items[0]).toEqual(answer.body);
    expect(await read(id)).toEqual({ ...answer.body, messages: [], earlierPageToken: null });

    const remove = () => fetch(`${house.url}/v1/conversations/${id}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect(await read(id)).toMatchObject({ code: 'conversation-not-found' });
    expect((await remove()).status).toBe(404);
    expect((await send(id, { content: 'Hello' })).status).toBe(404);
    const { body: after } = await house.request<ConversationList>('GET', '/v1/conversations');
    expect(after.items.map((item) => item.id)).not.toContain(id);
  });

  it('may have an id of the client, which is taken once and can begin anew when it was deleted', async () => {
    const id = `mine-${randomUUID()}`;
    const begin = () => house.request<Conversation | Failure>('POST', '/v1/conversations', { id });
    expect((await begin()).status).toBe(201);
    await answered(id, 'Hello');
    expect(await begin()).toMatchObject({ status: 409, body: { code: 'conversation-exists' } });
    await fetch(`${house.url}/v1/conversations/${id}`, { method: 'DELETE' });
    expect((await begin()).status).toBe(201);
    expect(await contents(id)).toEqual([]);
  });

  it('is listed and read in pages', async () => {
    const ids = [await begun(), await begun(), await begun()];
    const page = async (token: string | null) =>
      (
        await house.request<ConversationList>(
          'GET',
          `/v1/conversations?pageSize=2${token === null ? '' : `&pageToken=${token}`}`,
        )
      ).body;
    const first = await page(null);
    const second = await page(first.nextPageToken);
    expect([...first.items, ...second.items].slice(0, 3).map(({ id }) => id)).toEqual(ids.toReversed());

    const [id = ''] = ids;
    for (const content of ['One', 'Two', 'Three']) await answered(id, content);
    const last = await read(id, '?pageSize=2');
    expect(last.messages.map(({ content }) => content)).toEqual([
      ...['Two', 'You said: Two', 'Three', 'You said: Three'],
    ]);
    const earlier = await read(id, `?pageSize=2&pageToken=${last.earlierPageToken}`);
    expect(earlier).toMatchObject({ messages: [{ content: 'One' }, {}], earlierPageToken: null });
  });

  it.each([
    [{ id: '../up' }, '/id'],
    [{ id: '..' }, '/id'],
    [{ system: '  ' }, '/system'],
    [{ model: 'openai/nobody' }, '/model'],
    [{ temperature: 1 }, '/temperature'],
  ])('is not begun with %j', async (body, pointer) => {
    const answer = await house.request<Failure>('POST', '/v1/conversations', body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });
});

describe('a message', () => {
  it('is answered, and both are kept', async () => {
    const id = await begun({ model: 'openai/answer' });
    const { status, headers, body } = await answered(id, 'What is a frog?');
    expect([status, headers['location']]).toEqual([200, `/v1/jobs/${body.job.id}`]);
    expect(body).toMatchObject({
      message: { role: 'user', content: 'What is a frog?', status: 'sent' },
      reply: { role: 'assistant', content: 'You said: What is a frog?', status: 'complete' },
      job: { type: 'chatReply', status: 'succeeded', concurrencyKey: id },
    });
    expect((await read(id)).messages).toEqual([body.message, body.reply]);
  });

  it('is taken at once, and the words of the reply are read while it is written', async () => {
    const id = await begun();
    const rest = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: rest.promise });
    const { status, body } = await send(id, { content: long('Frogs') });
    expect(status).toBe(202);
    expect(['queued', 'writing']).toContain(body.reply.status);
    const half = await until(
      async () => (await read(id)).messages.find(({ status: now, content }) => now === 'writing' && content),
      { what: 'the first words are read' },
    );
    const whole = `You said: ${long('Frogs')}`;
    expect(whole.startsWith(half.content)).toBe(true);
    expect(half.content).not.toBe(whole);
    rest.resolve();
    await house.jobWhen(body.job.id, 'the reply is written', ({ done }) => done);
    expect((await contents(id))[1]).toBe(whole);
  });

  it('can be sent while a reply is written, and two at once are answered in order', async () => {
    const id = await begun();
    const rest = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: rest.promise });
    const begin = `One ${id}`;
    const first = await send(id, { content: begin });
    const others = await Promise.all([send(id, { content: 'Two' }), send(id, { content: 'Three' })]);
    expect(others.map(({ body }) => body.reply.status)).toEqual(['queued', 'queued']);
    rest.resolve();
    for (const { body } of [first, ...others]) {
      await house.jobWhen(body.job.id, 'the reply is written', ({ done }) => done);
    }
    const all = await contents(id);
    const asked = all.filter((_, place) => place % 2 === 0);
    expect(asked.toSorted()).toEqual([begin, 'Three', 'Two'].toSorted());
    expect(asked[0]).toBe(begin);
    expect(all.filter((_, place) => place % 2 === 1)).toEqual(asked.map((content) => `You said: ${content}`));
    // Each reply knew those before it, in the order in which they are shown.
    const knew = house.models.calls
      .map(({ body }) => (body as { messages: { content: string }[] }).messages)
      .filter(([message]) => message?.content === begin)
      .map((messages) => messages.map(({ content }) => content));
    expect(knew).toEqual([all.slice(0, 1), all.slice(0, 3), all.slice(0, 5)]);
  });

  it('with a key is the same message, however often it is sent', async () => {
    const id = await begun();
    const headers = { 'idempotency-key': randomUUID() };
    const [one, other] = [
      await send(id, { content: 'Hello' }, headers),
      await send(id, { content: 'Hello' }, headers),
    ];
    expect(other.body.job.id).toBe(one.body.job.id);
    await house.jobWhen(one.body.job.id, 'the reply is written', ({ done }) => done);
    expect(await contents(id)).toEqual(['Hello', 'You said: Hello']);
  });

  it.each([
    [{ content: ' ' }, '/content'],
    [{ content: 'Hello', model: 'openai/nobody' }, '/model'],
    [{ content: 'Hello', temperature: 3 }, '/temperature'],
    [{}, '/content'],
  ])('%j is refused, and leaves nothing', async (body, pointer) => {
    const id = await begun();
    expect(await send(id, body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    expect(await contents(id)).toEqual([]);
  });

  it('that is to be said anew has to be there', async () => {
    const id = await begun();
    const answer = await send(id, { content: 'Hello', replaces: 'nothing' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'message-not-found' } });
  });
});

describe('the stop of a reply', () => {
  it('keeps what was said, and lets the next message be answered', async () => {
    const id = await begun();
    const { body: first } = await send(id, { content: long('Toads'), model: 'openai/hang-mid-stream' });
    await house.jobWhen(first.job.id, 'the model has begun', ({ output }) =>
      Boolean(output?.text.includes('Toads')),
    );
    const { body: next } = await send(id, { content: 'And now?' });
    const stop = await house.request<Job>('POST', `/v1/conversations/${id}/stop`, undefined, {
      prefer: 'wait=20',
    });
    expect(stop).toMatchObject({ status: 200, body: { id: first.job.id, status: 'cancelled' } });
    await house.jobWhen(next.job.id, 'the next reply is written', ({ done }) => done);
    const { messages } = await read(id);
    expect(messages.map(({ status }) => status)).toEqual(['sent', 'stopped', 'sent', 'complete']);
    const told = house.models.calls.at(-1)?.body as { messages: { content: string }[] };
    expect(told.messages[1]?.content).toBe(messages[1]?.content);
  });

  it('of a message that waits withdraws it', async () => {
    const id = await begun();
    const { body: first } = await send(id, { content: long('Efts'), model: 'openai/hang-mid-stream' });
    const { body: second } = await send(id, { content: 'Never mind' });
    const body = { message: second.reply.id };
    await ask('POST', `/v1/conversations/${id}/stop`, body, { prefer: 'wait=20' });
    expect(await house.jobWhen(second.job.id, 'it is withdrawn', ({ done }) => done)).toMatchObject({
      status: 'cancelled',
    });
    expect((await house.job(first.job.id)).done).toBe(false);
    await ask('POST', `/v1/conversations/${id}/stop`, {}, { prefer: 'wait=20' });
    await answered(id, 'Hello?');
    const told = house.models.calls.at(-1)?.body as { messages: { content: string }[] };
    expect(JSON.stringify(told.messages)).not.toContain('Never mind');
  });

  it('where nothing is written stops nothing', async () => {
    const id = await begun();
    expect((await ask('POST', `/v1/conversations/${id}/stop`, {})).status).toBe(204);
  });

  it('comes with the end of its conversation', async () => {
    const id = await begun();
    const { body } = await send(id, { content: long('Newts'), model: 'openai/hang-mid-stream' });
    await house.jobWhen(body.job.id, 'the model has begun', ({ output }) => Boolean(output?.text));
    await fetch(`${house.url}/v1/conversations/${id}`, { method: 'DELETE' });
    expect(await house.jobWhen(body.job.id, 'it has stopped', ({ done }) => done)).toMatchObject({
      status: 'cancelled',
    });
    expect(await read(id)).toMatchObject({ code: 'conversation-not-found' });
  });
});

interface Frame {
  id: string | undefined;
  data: string;
}

/** The frames of a stream, up to as many as are wanted. */
async function frames(path: string, { headers = {}, most = Infinity } = {}): Promise<Frame[]> {
  const over = new AbortController();
  const answer = await fetch(house.url + path, { headers, signal: over.signal });
  if (answer.status === 204) return [];
  const found: Frame[] = [];
  const parser = createParser({ onEvent: ({ id, data }) => void found.push({ id, data }) });
  for await (const text of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    parser.feed(text);
    if (found.length >= most) break;
  }
  over.abort();
  return found.slice(0, most);
}

const saidIn = (found: Frame[]): string =>
  found
    .map(({ data }) => (data === '[DONE]' ? {} : (JSON.parse(data) as { delta?: string })))
    .map(({ delta = '' }) => delta)
    .join('');

describe('the stream of a reply', () => {
  it('goes on behind the last piece that a client has', async () => {
    const id = await begun();
    const half = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: half.promise });
    const { body } = await send(id, { content: long('Olms') });
    const path = `/v1/conversations/${id}/stream`;
    // Three that open it, and the first words, which may be all of the half.
    const first = await frames(path, { most: 4 });
    expect(JSON.parse(first[0]?.data ?? '')).toMatchObject({ type: 'start', messageId: body.reply.id });
    const place = first.at(-1)?.id ?? '';
    half.resolve();
    const rest = await frames(path, { headers: { 'last-event-id': place } });
    expect(saidIn(first) + saidIn(rest)).toBe(`You said: ${long('Olms')}`);
    expect(rest.at(-1)?.data).toBe('[DONE]');
    // It can be had again, as long as its log is there; nothing follows its end.
    expect(saidIn(await frames(`${path}?message=${body.reply.id}`))).toBe(`You said: ${long('Olms')}`);
    expect(await frames(path)).toEqual([]);
  });

  it('can be the answer to a message', async () => {
    const id = await begun();
    const answer = await fetch(`${house.url}/v1/conversations/${id}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ content: 'Hello' }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(answer.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
    expect(await answer.text()).toMatch(/"finish"[^]*data: \[DONE\]\n\n$/);
  });

  it('is refused for a reply that is not there', async () => {
    const id = await begun();
    const answer = await house.request('GET', `/v1/conversations/${id}/stream?message=nothing`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'message-not-found' } });
  });
});

describe('without a model', () => {
  it('a message is refused, and says which variable to set', async () => {
    const bare = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
    try {
      const { body } = await bare.request<Conversation>('POST', '/v1/conversations', {});
      const path = `/v1/conversations/${body.id}/messages`;
      const answer = await bare.request<Failure>('POST', path, { content: 'Hello' });
      expect(answer).toMatchObject({ status: 422, body: { code: 'model-required' } });
      expect(answer.body.detail).toContain('MODEL');
      expect(await bare.request('GET', `/v1/conversations/${body.id}`)).toMatchObject({
        body: { messages: [] },
      });
    } finally {
      await bare.close();
    }
  });
});

failOnLeftovers();
