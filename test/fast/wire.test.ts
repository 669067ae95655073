import { describe, expect, it } from '@jest/globals';
import { type Listen, nothingHeard } from '../../activities/providers/wire/dialect.js';
import { anthropicMessages } from '../../activities/providers/wire/anthropic-messages.js';
import { chatCompletions } from '../../activities/providers/wire/chat-completions.js';
import { gathered } from '../../activities/providers/wire/gathered.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** What is handed on of chunks that came together. */
function handedOn(listen: Listen, chunks: readonly object[]): Record<string, unknown>[] {
  const dialect = listen(nothingHeard());
  for (const chunk of chunks) dialect.read({ event: null, data: JSON.stringify(chunk), whole: false });
  return [...dialect.take().matchAll(/^data: (.*)$/gm)].map(
    ([, json = '']) => JSON.parse(json) as Record<string, unknown>,
  );
}

const chat = (delta: object) => ({ id: 'one', model: 'm', created: 1, choices: [{ index: 0, delta }] });
const anthropic = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });

describe('pieces of an answer that came together', () => {
  it('are handed on as one piece, of what is said and of what is thought', () => {
    const given = [
      ...[{ role: 'assistant', content: '' }, { reasoning_content: 'So ' }, { reasoning_content: 'what.' }],
      ...[{ content: 'Good ' }, { content: 'mor' }, { content: 'ning' }, { refusal: 'No' }, { content: '!' }],
    ];
    const deltas = handedOn(chatCompletions, given.map(chat)).map(
      ({ choices }) => (choices as { delta: object }[])[0]?.delta,
    );
    const role = 'assistant';
    expect(deltas).toEqual([
      { role },
      { role, reasoning_content: 'So what.' },
      { role, content: 'Good morning' },
      { role, refusal: 'No' },
      { role, content: '!' },
    ]);
  });

  it('are handed on in several pieces where there is much of it', () => {
    const given = Array.from({ length: 300 }, () => chat({ content: 'twelve chars' }));
    const pieces = handedOn(chatCompletions, given).map(
      ({ choices }) => (choices as { delta: { content: string } }[])[0]?.delta.content ?? '',
    );
    expect(pieces.join('')).toBe('twelve chars'.repeat(300));
    expect(pieces.length).toBeGreaterThan(7);
    expect(pieces.length).toBeLessThan(12);
  });

  it('keep to their blocks and their order in the messages of Anthropic', () => {
    const given = [
      anthropic(0, { type: 'thinking_delta', thinking: 'So ' }),
      anthropic(0, { type: 'thinking_delta', thinking: 'what.' }),
      anthropic(0, { type: 'signature_delta', signature: 's' }),
      anthropic(1, { type: 'text_delta', text: 'Good ' }),
      anthropic(1, { type: 'text_delta', text: 'morning' }),
      anthropic(2, { type: 'text_delta', text: '!' }),
    ];
    expect(handedOn(anthropicMessages, given)).toEqual([
      anthropic(0, { type: 'thinking_delta', thinking: 'So what.' }),
      given[2],
      anthropic(1, { type: 'text_delta', text: 'Good morning' }),
      given[5],
    ]);
  });
});

describe('what a source gives', () => {
  const all = async <T>(groups: AsyncIterable<T[]>) => {
    const given: T[][] = [];
    const broken = await (async () => {
      for await (const group of groups) given.push(group);
    })().catch((error: unknown) => error);
    return { given, broken };
  };
  const gather = <T>(source: AsyncIterable<T>) =>
    gathered(source, { everyMs: () => 60_000, onEach: () => {} });

  it('is given at once when it is the first, and the rest together when the source ends', async () => {
    const { given } = await all(
      gather(
        (async function* () {
          yield* ['a', 'b', 'c'];
        })(),
      ),
    );
    expect(given).toEqual([['a'], ['b', 'c']]);
  });

  it('is given before the source is told to be broken', async () => {
    const fault = new Error('the connection broke');
    const { given, broken } = await all(
      gather(
        (async function* () {
          yield* ['a', 'b'];
          throw fault;
        })(),
      ),
    );
    expect(given).toEqual([['a'], ['b']]);
    expect(broken).toBe(fault);
  });

  it('is given although nothing follows what came while nobody asked', async () => {
    const silence = Promise.withResolvers<undefined>();
    const taken = Promise.withResolvers<undefined>();
    const groups = gathered(
      (async function* () {
        yield* ['a', 'b', 'c'];
        taken.resolve(undefined);
        await silence.promise;
      })(),
      { everyMs: () => 1, onEach: () => {} },
    );
    const given = [await groups.next()];
    const asked = groups.next();
    given.push(await asked);
    await taken.promise;
    while (given.flatMap(({ value }) => (value as string[] | undefined) ?? []).length < 3)
      given.push(await groups.next());
    silence.resolve(undefined);
    expect(await groups.next()).toMatchObject({ done: true });
  });

  it('is given after a while although the source is silent', async () => {
    const silence = Promise.withResolvers<undefined>();
    const groups = gathered(
      (async function* () {
        yield* ['a', 'b'];
        await silence.promise;
        yield 'c';
      })(),
      { everyMs: () => 20, onEach: () => {} },
    );
    expect((await groups.next()).value).toEqual(['a']);
    expect((await groups.next()).value).toEqual(['b']);
    silence.resolve(undefined);
    expect((await groups.next()).value).toEqual(['c']);
    expect((await groups.next()).done).toBe(true);
  });
});

failOnLeftovers();
