import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { WholeAnswer } from '../../activities/frame/call-listener.js';
import { StepFailure } from '../../activities/frame/step-failure.js';
import { type AnswerForm, anyText, objectForm } from '../../activities/providers/answer-form.js';
import { type Models, createModels } from '../../activities/providers/model.js';
import { Transcript } from '../../activities/providers/transcript.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { type Afterwards, type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import * as raw from '../harness/provider-answers.js';

/*
 * What servers are known to send that the SDK does not expect, beside the recorded cases.
 */

const { chunk, cost, done, ended, event, jsonAnswer, rawAnswer, said, stream, usage } = raw;
const key = 'sk-canary-0123456789abcdef';
const Greeting = z.object({ greeting: z.string(), to: z.string().nullable() });
const json = '{"greeting": "Good morning", "to": "you"}';
const value = { greeting: 'Good morning', to: 'you' };

let server: CaseServer;
let models: Models;
let count = 0;

beforeAll(async () => {
  server = await startCaseServer();
});
afterAll(() => server.close());

interface Asked<T> {
  form: AnswerForm<T>;
  afterwards?: Afterwards;
  pace?: string;
}

/** What becomes of a raw answer, and what its readers were told of it. */
async function ask<T>(answer: string | string[], { form, ...options }: Asked<T>) {
  const name = `case-${(count += 1)}`;
  server.add(name, answer, options);
  const config = { MODEL: `openai/${name}`, MODELS: [], OPENAI_API_KEY: key, OPENAI_BASE_URL: server.models };
  models = createModels(config, { firstMs: 20_000, nextMs: 20_000 });
  let shown = '';
  let thought = '';
  let whole: WholeAnswer | null = null;
  const nobody = () => undefined;
  const told = { sent: nobody, named: nobody, answeredBy: nobody, received: nobody, used: nobody };
  const question = {
    model: `openai/${name}`,
    prompt: 'Greet.',
    form,
    longestAnswer: 10_000,
    longestLoop: 2_000,
    mostTokens: 5_000,
    signal: new AbortController().signal,
    onText: (piece: string) => void (shown += piece),
    onReasoning: (piece: string) => void (thought += piece),
    onRestart: () => void (shown = ''),
  };
  const listener = {
    requestId: name,
    ...told,
    ended: async (answered: WholeAnswer) => void (whole = answered),
  };
  const given = await models.ask({ ...question, listener });
  const saw = { shown, thought };
  // A worker that takes over reads in what was kept what this one has read.
  const kept = JSON.parse(JSON.stringify(whole)) as WholeAnswer;
  expect(await models.ask({ ...question, kept })).toEqual(given);
  return { ...given, ...saw };
}

const greet = (answer: string, options: Omit<Asked<unknown>, 'form'> = {}) =>
  ask(answer, { form: objectForm(Greeting), ...options });
const tell = (answer: string, options: Omit<Asked<unknown>, 'form'> = {}) =>
  ask(answer, { form: anyText, ...options });

async function failureOf(asking: Promise<unknown>): Promise<StepFailure> {
  const outcome = await asking.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof StepFailure) return outcome;
  throw new Error(`expected a StepFailure, got ${String(outcome)}`);
}

/** What the notes say beside the name of the model. */
const isUnmarked = (notes: string[]) => notes.some((note) => note.includes('did not say that its answer'));

describe('an answer whose end is marked', () => {
  const whole = [said(json), ended(), cost, done];

  it.each<[string, string]>([
    [
      'with comments, ids and retries between',
      rawAnswer(`: hi\n\nid: 1\nretry: 5\n${whole.map(event).join(': x\n\n')}`),
    ],
    [
      'with an error that says nothing in every chunk',
      stream(...whole.map((one) => (typeof one === 'string' ? one : { ...one, error: null }))),
    ],
    [
      'in one piece, from a server that does not stream',
      jsonAnswer('200 OK', {
        choices: [{ index: 0, message: { role: 'assistant', content: json }, finish_reason: 'stop' }],
        usage,
      }),
    ],
    [
      'as JSON a line',
      rawAnswer([said(json), ended(), cost].map((one) => JSON.stringify(one)).join('\n'), {
        type: 'application/x-ndjson',
      }),
    ],
    ['in chunks that come as a list', stream([said(json), ended()], cost, done)],
    [
      'in parts',
      stream(
        said([
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: json },
        ]),
        ended(),
        cost,
        done,
      ),
    ],
    [
      'behind reasoning of its own field',
      stream(
        chunk({ delta: { role: 'assistant', content: null, reasoning: 'hm' } }),
        said(json),
        ended(),
        cost,
        done,
      ),
    ],
    [
      'with a role nobody knows and a call of a tool',
      stream(
        chunk({ delta: { role: 'model', content: json, tool_calls: [{ id: 7 }] } }),
        ended(),
        cost,
        done,
      ),
    ],
    [
      'said once more at the end',
      stream(said(json), chunk({ message: { content: json }, finish_reason: 'stop' }), cost, done),
    ],
    ['with a word of its own for the end', stream(said(json), ended('eos_token'), cost, done)],
    ['with usage in a corner of the last chunk', stream(said(json), { ...ended(), x_groq: { usage } }, done)],
    [
      'with usage in its choice, as text',
      stream(
        said(json),
        chunk({
          delta: {},
          finish_reason: 'stop',
          usage: { prompt_tokens: '900', completion_tokens: '120' },
        }),
        done,
      ),
    ],
    [
      'with a fault behind it',
      stream(...whole.slice(0, 3), { error: { message: 'could not write the log' } }),
    ],
  ])('is taken %s', async (_, answer) => {
    const { value: read, notes, usage: told } = await greet(answer);
    expect(read).toEqual(value);
    expect(isUnmarked(notes)).toBe(false);
    expect(told).toMatchObject({ inputTokens: 900, outputTokens: 120 });
  });

  it.each<Afterwards>(['reset', 'stay-open', 'close'])(
    'is taken whatever the connection does then (%s)',
    async (afterwards) => {
      const { value: read, usage: told } = await greet(stream(...whole), { afterwards });
      expect(read).toEqual(value);
      expect(told).toMatchObject({ inputTokens: 900, outputTokens: 120 });
    },
  );

  it.each<Afterwards>(['reset', 'stay-open', 'close'])(
    'is taken when its end mark was the last word (%s)',
    async (afterwards) => {
      expect((await tell(stream(said('Hello.'), ended()), { afterwards })).text).toBe('Hello.');
    },
  );

  it('may hold a part that nobody can read, which the step notes', async () => {
    const { value: read, notes } = await greet(stream(said(json), '{"choices": [{"del', ended(), cost, done));
    expect(read).toEqual(value);
    expect(notes).toEqual([
      expect.stringContaining('1 parts of the stream'),
      expect.stringContaining('"m" answered'),
    ]);
  });
});

describe('an answer whose end is not marked', () => {
  it.each<[string, string, Afterwards?]>([
    ['with the end of the stream', stream(said(json), done)],
    ['with what it cost', stream(said(json), cost)],
    ['with nothing', stream(said(json))],
    ['with a word nobody knows', stream(said(json), ended('fin'), done)],
    ['with a word for trouble', stream(said(json), ended('abort'), done)],
    ['with the call of a tool', stream(said(json), ended('tool_calls'), done)],
    ['with a fault', stream(said(json), { error: { message: 'overloaded' } })],
    ['with a broken connection', stream(said(json)), 'reset'],
  ])('is taken as JSON in full, %s, and the step says so', async (_, answer, afterwards = 'close') => {
    const { value: read, notes } = await greet(answer, { afterwards, pace: '0.05s' });
    expect(read).toEqual(value);
    expect(isUnmarked(notes)).toBe(true);
  });

  it('is taken as text when the provider has ended its stream', async () => {
    for (const answer of [stream(said('Hello.'), done), stream(said('Hello.'), cost)]) {
      const { text, notes } = await tell(answer);
      expect({ text, unmarked: isUnmarked(notes) }).toEqual({ text: 'Hello.', unmarked: true });
    }
  });

  it.each<[string, string, Afterwards?]>([
    ['text without the end of a stream', stream(said('Hello'))],
    ['text that the server has aborted', stream(said('Hello'), ended('abort'), done)],
    ['text on a connection that breaks', stream(said('Hello')), 'reset'],
  ])('is cut off as %s', async (_, answer, afterwards = 'close') => {
    expect((await failureOf(tell(answer, { afterwards, pace: '0.05s' }))).code).toBe('answer-cut-off');
  });

  it('is cut off as half of JSON', async () => {
    expect((await failureOf(greet(stream(said(json.slice(0, 20)), done)))).code).toBe('answer-cut-off');
  });
});

describe('JSON is found', () => {
  const draft = '{"greeting": "Hi", "to": null}';
  it.each<[string, string]>([
    ['behind reasoning that only ends', `Let me see: ${draft}?\n</think>\n\n${json}`],
    ['behind a thought in brackets', `[THINK]${draft}[/THINK]${json}`],
    [
      'behind a thought of another template',
      `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final<|message|>${json}`,
    ],
    ['before reasoning', `${json}\n<think>\nThat is ${draft}.\n</think>`],
    ['in a fence within prose', `Sure {here}!\n~~~json\n${json}\n~~~\nAnything else?`],
    ['between stray tokens', `<|im_start|>assistant\n${json}<|im_end|>`],
    ['behind a draft', `First ${draft}, or rather: ${json}`],
    ['in a wrapper', `{"answer": ${json}}`],
    ['as a tool that nobody offered', `{"name": "response", "arguments": ${JSON.stringify(json)}}`],
    ['with a comma too many', json.replace('}', ',}')],
  ])('%s', async (_, text) => {
    const { value: read, shown } = await greet(stream(said(text), ended(), cost, done));
    expect(read).toEqual(value);
    expect(shown).not.toMatch(/THINK|Let me see|analysis/);
  });

  it('not inside of JSON that was cut', async () => {
    const Tree = z.object({ name: z.string().nullable(), inner: z.unknown() });
    const answer = stream(said('{"name": "a", "inner": {"name": "b", "inner": null}'), done);
    expect((await failureOf(ask(answer, { form: objectForm(Tree) }))).code).toBe('answer-cut-off');
  });
});

describe('reasoning is no text', () => {
  const reasoned = (content: string) => chunk({ delta: { reasoning_content: content } });
  it.each<[string, unknown[]]>([
    ['that begins an answer', ['<thi', 'nk>secret', ' {}\n</thi', 'nk>\n\nHel', 'lo.'].map(said)],
    ['that only ends', ['secret {', '}\n', '</think', '>\n\nHello.'].map(said)],
    ['that comes between', ['<think>secret</think>', 'Hel', 'lo.\n<thinking> {}\n</thinking>'].map(said)],
    ['that is longer than any mark', [`<think>secret${' '.repeat(200)}{`, '}</think>Hello.'].map(said)],
    ['that the provider tells apart', [reasoned('sec'), reasoned('ret {}'), said('Hello.')]],
  ])('%s', async (_, chunks) => {
    const { text, shown, thought } = await tell(stream(...chunks, ended(), cost, done));
    expect(text.trim()).toBe('Hello.');
    expect(shown).toBe(text);
    expect(thought.replace(/\s+/g, ' ').trim()).toBe('secret {}');
  });

  it('and characters of it that come in halves are told whole', async () => {
    const thoughts: string[] = [];
    const transcript = new Transcript(
      { prompt: 'Greet.', onReasoning: (piece) => void thoughts.push(piece) },
      { unopened: false },
    );
    for (const half of ['a\ud83d', '\uddfcb']) transcript.think(half);
    expect(thoughts).toEqual(['a', '🗼b']);
  });

  it('that is all there is, which the failure says', async () => {
    const answers = [
      stream(said('<think>secret'), ended(), done),
      stream(chunk({ delta: { reasoning_content: 'secret' } }), ended(), done),
    ];
    for (const answer of answers) {
      const { code, message } = await failureOf(tell(answer));
      expect({ code, message }).toEqual({
        code: 'malformed-answer',
        message: expect.stringContaining('it only thought'),
      });
    }
  });

  it('but a mark that is quoted is', async () => {
    const text = 'Write `<think>` and `</think>`:\n```\n<think>\n1\n</think>\n```\nDone.';
    const pieces = text.match(/[^]{1,5}/g) ?? [];
    expect((await tell(stream(...pieces.map(said), ended(), cost, done))).shown).toBe(text);
  });
});

describe('a fault', () => {
  it.each<[string, string, FailureCode, string]>([
    [
      'a text',
      stream({ error: 'The model is overloaded, please try again later' }),
      'provider-unavailable',
      'overloaded',
    ],
    [
      'in a named event, in words',
      rawAnswer('event: error\ndata: too many requests\n\n'),
      'provider-rate-limited',
      'too many requests',
    ],
    [
      'in a choice',
      stream(
        said('{"gree'),
        chunk({ error: { code: 502, message: 'Upstream broke' }, finish_reason: 'error' }),
      ),
      'provider-unavailable',
      'Upstream broke',
    ],
    [
      'of vLLM',
      stream({
        object: 'error',
        message: "This model's maximum context length is 2048 tokens.",
        type: 'BadRequestError',
        code: 400,
      }),
      'context-too-long',
      '2048',
    ],
    [
      'of Anthropic',
      stream({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
      'provider-unavailable',
      'Overloaded',
    ],
    [
      'of a list',
      stream({ errors: [{ message: 'Invalid API key', code: 10_000 }] }),
      'provider-key-refused',
      'Invalid API key',
    ],
    [
      'of MiniMax',
      stream({ base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }),
      'quota-exhausted',
      'insufficient balance',
    ],
    [
      'behind a router',
      stream({
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { raw: '{"error":{"message":"prompt is too long: 9 tokens"}}' },
        },
      }),
      'context-too-long',
      'prompt is too long',
    ],
    [
      'of a whole body',
      jsonAnswer('200 OK', { detail: 'Not authenticated' }),
      'provider-key-refused',
      'Not authenticated',
    ],
    [
      'within a message',
      jsonAnswer('500 No', {
        error: { message: '{"error": {"message": "You have no credits", "code": 402}}' },
      }),
      'quota-exhausted',
      'no credits',
    ],
    [
      'of a page',
      rawAnswer('<!doctype html><title>It works</title>', { type: 'text/html' }),
      'provider-address-wrong',
      'page',
    ],
    ['of words', rawAnswer('Ollama is running', { type: 'text/plain' }), 'provider-address-wrong', 'page'],
    ['of a path', jsonAnswer('404 Not Found', { detail: 'Not Found' }), 'provider-address-wrong', 'address'],
    [
      'of a method',
      jsonAnswer('405 No', { detail: 'Method Not Allowed' }),
      'provider-address-wrong',
      'address',
    ],
    [
      'of a model',
      jsonAnswer('404 Not Found', { error: { message: 'model "x" not found, try pulling it first' } }),
      'model-not-found',
      'pulling',
    ],
    [
      'of a key',
      jsonAnswer('400 Bad', [
        {
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
          },
        },
      ]),
      'provider-key-refused',
      'not valid',
    ],
    [
      'of a server that loads',
      jsonAnswer('503 No', { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
      'provider-unavailable',
      'Loading',
    ],
    [
      'of a context',
      jsonAnswer('400 Bad', {
        error: {
          code: 400,
          message: 'request (9029 tokens) exceeds the available context size (4096 tokens)',
          type: 'exceed_context_size_error',
        },
      }),
      'context-too-long',
      '9029',
    ],
  ])('%s has the right code and the sentence of the provider', async (_, answer, code, sentence) => {
    const failure = await failureOf(greet(answer));
    expect({ code: failure.code, message: failure.message }).toEqual({
      code,
      message: expect.stringContaining(sentence),
    });
  });

  it('does not show a key, or what is left of one', async () => {
    const quotes = [
      key,
      `${key.slice(0, 12)}...`,
      `${key.slice(0, 9)}******cdef`,
      `Bearer ${key}`,
      `https://x/?key=${key}`,
    ];
    for (const quote of quotes) {
      const { code, message } = await failureOf(
        greet(jsonAnswer('401 No', { error: { message: `Wrong: ${quote}` } })),
      );
      expect({ code, message }).toEqual({
        code: 'provider-key-refused',
        message: expect.stringContaining('[redacted]'),
      });
      expect(message).not.toMatch(/canary|0123/);
    }
  });

  it.each<[string, string, number]>([
    ['a field', jsonAnswer('429 No', { error: { message: 'Slow down', retry_after: 12 } }), 12],
    [
      'its words',
      jsonAnswer('429 No', { error: { message: 'Rate limit reached. Please try again in 1m30.5s.' } }),
      90.5,
    ],
    [
      'milliseconds',
      jsonAnswer('429 No', { error: { message: 'Rate limit reached, try again in 850ms' } }),
      0.85,
    ],
    ['a stream', stream({ error: { code: 429, message: 'Retry after 20 seconds' } }), 20],
    [
      'its header, which counts before the rest',
      jsonAnswer('429 No', { error: { message: 'Try again in 5s' } }, ['retry-after: 7']),
      7,
    ],
    ['hours, which are too many', jsonAnswer('429 No', { error: { message: 'Try again in 3 hours' } }), 600],
  ])('may ask to wait by %s', async (_, answer, seconds) => {
    const { code, options } = await failureOf(greet(answer));
    expect({ code, retryAfter: options.retryAfter }).toEqual({
      code: 'provider-rate-limited',
      retryAfter: seconds,
    });
  });
});

describe('a form of answers that a server refuses', () => {
  const good = stream(said(json), ended(), cost, done);
  it.each<[string, string[], number]>([
    ["'response_format.type' must be 'json_schema' or 'text'", ['json_schema', 'json_object'], 3],
    ['This model does not support response format `json_schema`.', ['json_schema'], 2],
    ['No endpoints found that support structured outputs', ['json_schema'], 2],
  ])('is left for another one: %s', async (message, refusedFormats, calls) => {
    const before = server.requests.length;
    const refusal = jsonAnswer('400 Bad Request', { error: { message } });
    const { value: read } = await ask([...refusedFormats.map(() => refusal), good], {
      form: objectForm(Greeting),
    });
    expect(read).toEqual(value);
    expect(server.requests.length - before).toBe(calls);
  });
});

failOnLeftovers();
