import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AbstractChat, type ChatState, DefaultChatTransport, type UIMessage } from 'ai';
import type { ReadConversation } from '../../../src/conversations/views.js';
import { startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

/** What a framework's hook keeps of a chat, without the framework. */
class PlainState implements ChatState<UIMessage> {
  status: ChatState<UIMessage>['status'] = 'ready';
  error: Error | undefined = undefined;
  constructor(public messages: UIMessage[] = []) {}
  readonly pushMessage = (message: UIMessage) => void (this.messages = [...this.messages, message]);
  readonly popMessage = () => void (this.messages = this.messages.slice(0, -1));
  readonly replaceMessage = (index: number, message: UIMessage) => {
    this.messages = this.messages.with(index, structuredClone(message));
  };
  readonly snapshot = <T>(thing: T): T => structuredClone(thing);
}

class Chat extends AbstractChat<UIMessage> {}

/** A tab of a browser whose page uses `useChat`, with its usual transport. */
const openTab = (id: string, { url = house.url, messages = [] as UIMessage[], body = {} } = {}) =>
  new Chat({
    id,
    state: new PlainState(messages),
    transport: new DefaultChatTransport({ api: `${url}/v1/conversations`, body }),
  });

const textOf = (message: UIMessage | undefined): string =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

const texts = ({ messages }: Chat) => messages.map((message) => [message.role, textOf(message)]);

const conversation = async (id: string) =>
  (await house.request<ReadConversation>('GET', `/v1/conversations/${id}`)).body;

const long = (about: string) => `${about} ${'and so on '.repeat(60)}`;

const writes = (tab: Chat, words: string) =>
  until(() => textOf(tab.lastMessage).includes(words), { what: `the tab shows "${words}"` });

/** The stream is open again: what is said from now on does not pass it by. */
const goesOn = (tab: Chat) =>
  until(() => tab.status === 'submitted' || tab.status === 'streaming', { what: 'the reply is taken up' });

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
});
afterAll(() => house.close());

describe("the AI SDK's useChat", () => {
  it('begins a conversation and goes on with it', async () => {
    const id = randomUUID();
    const tab = openTab(id, { body: { system: 'Be kind.' } });
    await tab.sendMessage({ text: 'Hello' });
    expect(tab.error).toBeUndefined();
    await tab.sendMessage({ text: `And now? ${id}` });
    expect([tab.status, texts(tab)]).toEqual([
      'ready',
      [
        ['user', 'Hello'],
        ['assistant', 'You said: Hello'],
        ['user', `And now? ${id}`],
        ['assistant', `You said: And now? ${id}`],
      ],
    ]);
    const call = house.models.calls.find(({ body }) => JSON.stringify(body).includes(`And now? ${id}`));
    expect(call?.body).toMatchObject({
      messages: [{ role: 'system', content: 'Be kind.' }, {}, { content: 'You said: Hello' }, {}],
    });
    // A page that loads the conversation gives its messages to the hook as they are.
    const { messages } = await conversation(id);
    const loaded = openTab(id, { messages: messages as unknown as UIMessage[] });
    expect(texts(loaded)).toEqual(texts(tab));
    expect(messages.map((message) => message.id)).toEqual(tab.messages.map((message) => message.id));
  });

  it('shows the words while they are said', async () => {
    const rest = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: rest.promise });
    const tab = openTab(randomUUID());
    const sent = tab.sendMessage({ text: long('Frogs') });
    await writes(tab, 'You said: Frogs');
    expect(tab.status).toBe('streaming');
    const shown = textOf(tab.lastMessage).length;
    rest.resolve();
    await sent;
    expect(shown).toBeLessThan(textOf(tab.lastMessage).length);
  });

  it('takes a reply up again in another tab, and misses and repeats nothing', async () => {
    const id = randomUUID();
    const rest = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: rest.promise });
    const first = openTab(id);
    const sent = first.sendMessage({ text: long('Newts') });
    await writes(first, 'You said: Newts');
    // The tab is closed: nobody watches now.
    await first.stop();
    await sent;
    const { messages } = await conversation(id);
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', status: 'writing' });
    const second = openTab(id, { messages: messages as unknown as UIMessage[] });
    const resumed = second.resumeStream();
    await goesOn(second);
    rest.resolve();
    await resumed;
    expect(second.error).toBeUndefined();
    expect(texts(second)).toEqual([
      ['user', long('Newts')],
      ['assistant', `You said: ${long('Newts')}`],
    ]);
  });

  it('has nothing to take up where nothing is written', async () => {
    const id = randomUUID();
    const fresh = openTab(id);
    await fresh.resumeStream();
    expect([fresh.status, fresh.messages]).toEqual(['ready', []]);
    await fresh.sendMessage({ text: 'Hello' });
    const again = openTab(id);
    await again.resumeStream();
    expect([again.status, again.messages]).toEqual(['ready', []]);
  });

  it('stops a reply, which keeps what was said, for every tab', async () => {
    const id = randomUUID();
    const tab = openTab(id, { body: { model: 'openai/hang-mid-stream' } });
    const sent = tab.sendMessage({ text: long('Toads') });
    await writes(tab, 'You said: Toads');
    const other = openTab(id);
    const watching = other.resumeStream();
    await writes(other, 'You said: Toads');
    const stop = () => fetch(`${house.url}/v1/conversations/${id}/stop`, { method: 'POST' });
    await whileBusy(stop, ({ status }) => status);
    await Promise.all([tab.stop(), sent, watching]);
    expect([other.status, other.error]).toEqual(['ready', undefined]);
    const kept = await until(
      async () => {
        const last = (await conversation(id)).messages.at(-1);
        return last?.status === 'stopped' ? last.content : null;
      },
      { what: 'the reply is stopped' },
    );
    expect(kept).toMatch(/^You said: Toads/);
    expect(textOf(other.lastMessage)).toBe(kept);
  });

  it('says a reply anew', async () => {
    const id = randomUUID();
    const tab = openTab(id);
    await tab.sendMessage({ text: 'One' });
    await tab.sendMessage({ text: 'Two' });
    await tab.regenerate();
    expect(texts(tab).slice(2)).toEqual([
      ['user', 'Two'],
      ['assistant', 'You said: Two'],
    ]);
    const { messages } = await conversation(id);
    expect(messages.map(({ content }) => content)).toEqual(['One', 'You said: One', 'Two', 'You said: Two']);
    await tab.sendMessage({ text: 'Three', messageId: tab.messages[0]?.id ?? '' });
    expect((await conversation(id)).messages.map(({ content }) => content)).toEqual([
      'Three',
      'You said: Three',
    ]);
  });

  it('starts the text again when the model does', async () => {
    house.models.next('cut-mid-stream');
    const tab = openTab(randomUUID());
    await tab.sendMessage({ text: long('Efts') });
    expect(tab.error).toBeUndefined();
    expect(textOf(tab.lastMessage)).toBe(`You said: ${long('Efts')}`);
  });

  it('shows why there is no reply', async () => {
    house.models.next('wrong-key');
    const tab = openTab(randomUUID());
    await tab.sendMessage({ text: 'Hello' });
    expect([tab.status, tab.error?.message]).toEqual(['error', expect.stringMatching(/key/)]);
  });

  it('goes on at the same word in twenty tabs when the API was killed', async () => {
    const api = await startApiProcess(house.env);
    const rest = Promise.withResolvers<void>();
    const tabs = Array.from({ length: 20 }, () => openTab(randomUUID(), { url: api.url }));
    const sent = tabs.map((tab, place) => {
      house.models.next('in-halves', { goOn: rest.promise });
      return tab.sendMessage({ text: long(`Olms ${place}`) });
    });
    await Promise.all(tabs.map((tab, place) => writes(tab, `You said: Olms ${place}`)));
    await api.kill();
    await Promise.all(sent);
    expect(new Set(tabs.map(({ status }) => status))).toEqual(new Set(['error']));
    const again = await startApiProcess(house.env, api.port);
    try {
      const resumed = tabs.map((tab) => tab.resumeStream());
      await Promise.all(tabs.map(goesOn));
      rest.resolve();
      await Promise.all(resumed);
      expect(tabs.map(texts)).toEqual(
        tabs.map((_, place) => [
          ['user', long(`Olms ${place}`)],
          ['assistant', `You said: ${long(`Olms ${place}`)}`],
        ]),
      );
    } finally {
      await again.stop();
    }
  });
});

failOnLeftovers();
