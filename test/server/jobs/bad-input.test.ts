import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/slow' });
});
afterAll(() => house.close());

const json = { 'content-type': 'application/json' };

const post = (payload: string | Buffer, headers: Record<string, string> = json) =>
  house.api.inject({ method: 'POST', url: '/v1/jobs', payload, headers });

const input = (changes: Record<string, unknown> = {}) => ({
  url: 'https://example.org/article',
  sourceLang: 'es',
  targetLang: 'fr',
  ...changes,
});

const submit = (body: unknown) => post(JSON.stringify(body));

/** A field that is undefined is left out. */
const submitInput = (changes: Record<string, unknown>) =>
  submit({ type: 'extractArticle', input: input(changes) });

describe('a submit with wrong fields is refused, pointing at them', () => {
  it.each<[string, unknown, string[]]>([
    ['no type', { input: input() }, ['/type']],
    ['a type that is no text', { type: 7, input: input() }, ['/type']],
    ['no input', { type: 'extractArticle' }, ['/input']],
    ['an input of null', { type: 'extractArticle', input: null }, ['/input']],
    ['an input that is a list', { type: 'extractArticle', input: [] }, ['/input']],
    ['an input that is a text', { type: 'extractArticle', input: 'https://example.org' }, ['/input']],
    [
      'an empty input',
      { type: 'extractArticle', input: {} },
      ['/input/sourceLang', '/input/targetLang', '/input/url'],
    ],
    ['an unknown field', { type: 'extractArticle', input: input(), colour: 'red' }, ['/colour']],
    [
      'an unknown input field',
      { type: 'extractArticle', input: input({ colour: 'red' }) },
      ['/input/colour'],
    ],
    [
      'two unknown input fields',
      { type: 'extractArticle', input: input({ colour: 'red', size: 3 }) },
      ['/input/colour', '/input/size'],
    ],
    [
      'an unknown field whose name needs escaping in a pointer',
      { type: 'extractArticle', input: input({ 'a/b~c': 1 }) },
      ['/input/a~1b~0c'],
    ],
    [
      'mistakes in several places',
      { type: 'extractArticle', input: input({ url: 'nope', wordCount: 0 }), tags: [1], size: 1 },
      ['/input/url', '/input/wordCount', '/size', '/tags/0'],
    ],
    ['tags that are no list', { type: 'extractArticle', input: input(), tags: 'a' }, ['/tags']],
    [
      'a tag that no search takes',
      { type: 'extractArticle', input: input(), tags: ['a', 'b\u0000'] },
      ['/tags/1'],
    ],
    [
      'a concurrency key that cannot be stored',
      { type: 'extractArticle', input: input(), concurrencyKey: 'a\ud800' },
      ['/concurrencyKey'],
    ],
    ['an empty tag', { type: 'extractArticle', input: input(), tags: ['a', ''] }, ['/tags/1']],
    [
      'metadata that is no text',
      { type: 'extractArticle', input: input(), metadata: { a: 1 } },
      ['/metadata/a'],
    ],
    ['a list as the body', [], ['']],
    ['null as the body', null, ['']],
    ['a text as the body', 'extractArticle', ['']],
  ])('%s', async (_, body, pointers) => {
    const answer = await submit(body);
    const problem = problemIn(answer);
    expect(problem).toMatchObject({ status: 422, retryable: false });
    expect(pointersOf(problem)).toEqual(pointers);
  });

  it.each(['extractarticle', 'deleteEverything', '', '__proto__', 'constructor', 'toString'])(
    'the unknown job type "%s"',
    async (type) => {
      const problem = problemIn(await submit({ type, input: input() }));
      expect(problem).toMatchObject({ status: 422, code: 'unknown-job-type', retryable: false });
      expect(pointersOf(problem)).toEqual(['/type']);
      expect(problem.detail + JSON.stringify(problem.errors)).toContain('extractArticle');
    },
  );

  it.each<[string, unknown]>([
    ['wordCount', 0],
    ['wordCount', 1001],
    ['wordCount', -1],
    ['wordCount', 2.5],
    ['wordCount', '30'],
    ['wordCount', null],
    ['wordCount', 1e300],
    ['sourceLang', 'Klingonese'],
    ['sourceLang', ''],
    ['sourceLang', 'zz'],
    ['sourceLang', 'es_'],
    ['sourceLang', 34],
    ['targetLang', 'the language of love'],
    ['targetLang', undefined],
    ['targetLang', ['fr']],
    ['prompt', ''],
    ['prompt', '   '],
    ['prompt', 5],
    ['browser', ''],
    ['browser', '../../etc/passwd'],
    ['browser', 'a b'],
    ['browser', { cookie: 'session=1' }],
    ['model', 7],
    ['url', undefined],
    ['url', null],
    ['url', 5],
    ['url', ''],
    ['url', 'not a url'],
    ['url', 'example.org/article'],
    ['url', '//example.org/article'],
    ['url', 'http://'],
    ['url', 'http://[::1'],
    ['url', 'http://999.999.999.999/'],
    ['url', 'ftp://example.org/article'],
    ['url', 'file:///etc/passwd'],
    ['url', 'javascript:alert(1)'],
    ['url', 'data:text/html,<p>hola'],
    ['url', 'gopher://example.org:70/'],
    ['url', 'ws://example.org/'],
    ['url', 'blob:https://example.org/1'],
    ['url', 'view-source:https://example.org/'],
  ])('%s of %j', async (field, value) => {
    const problem = problemIn(await submitInput({ [field]: value }));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual([`/input/${field}`]);
  });

  it.each([
    ['prompt', 2001],
    ['url', 2049],
    ['model', 201],
    ['sourceLang', 65],
  ])('%s of %i characters', async (field, length) => {
    const value = `https://example.org/${'x'.repeat(length)}`.slice(0, length);
    const problem = problemIn(await submitInput({ [field]: value }));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual([`/input/${field}`]);
  });

  it.each([
    'https://ana:hunter2@example.org/',
    'https://:hunter2@example.org/',
    'https://hunter2@example.org/',
    'http://ana:hunter2@127.0.0.1@example.org/',
  ])('%s: credentials in a URL, which are not repeated', async (url) => {
    const answer = await submitInput({ url });
    const problem = problemIn(answer);
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual(['/input/url']);
    expect(answer.body).not.toContain('hunter2');
  });

  it.each(['openai/gpt-99', 'slow', 'openai/SLOW', 'rules', ''])(
    'the model "%s", which the operator did not list',
    async (model) => {
      const problem = problemIn(await submitInput({ model }));
      expect(problem.status).toBe(422);
      expect(pointersOf(problem)).toEqual(['/input/model']);
    },
  );
});

describe('a body that is no JSON object is refused', () => {
  it.each([
    '{"type": "extractArticle",',
    '{type: 1}',
    "{'type': 1}",
    '{"a": 1,}',
    'nope',
    '\u0000',
    '{"a": NaN}',
  ])('%j: 400', async (body) => {
    expect(problemIn(await post(body))).toMatchObject({ status: 400, code: 'malformed-json' });
  });

  it('an empty body: 400 or 422', async () => {
    expect([400, 422]).toContain(problemIn(await post('')).status);
    expect([400, 415, 422]).toContain(problemIn(await post('', {})).status);
  });

  it('keys that would change the prototype are refused', async () => {
    const problem = problemIn(await post('{"type":"extractArticle","__proto__":{"input":{}},"input":{}}'));
    expect([400, 422]).toContain(problem.status);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('the content type %s: 415', async (type) => {
    const body = JSON.stringify({ type: 'extractArticle', input: input() });
    const problem = problemIn(await post(body, { 'content-type': type }));
    expect(problem).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('a body over the limit: 413, which names the limit', async () => {
    const problem = problemIn(await submitInput({ prompt: 'x'.repeat(5_000_000) }));
    expect(problem).toMatchObject({ status: 413, code: 'payload-too-large', retryable: false });
    expect(problem.detail).toMatch(/\d+ ?(bytes|[KM]i?B)/i);
  });

  it('a body over the limit that does not say its length: 413', async () => {
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length;
        if (sent > 5_000_000) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const answer = await fetch(new URL('/v1/jobs', house.url), {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { ...json, connection: 'close' },
    });
    const headers = Object.fromEntries(answer.headers);
    expect(problemIn({ statusCode: answer.status, headers, body: await answer.text() }).status).toBe(413);
  });
});

const accepted = (send: () => ReturnType<typeof post>) => whileBusy(send, ({ statusCode }) => statusCode);

describe('a submit at the edge of what is allowed is accepted', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the least words', { wordCount: 1 }],
    ['the most words', { wordCount: 1000 }],
    ['a whole number written with a point', { wordCount: 30.0 }],
    ['English names of languages', { sourceLang: 'Spanish', targetLang: ' french ' }],
    ['tags in any case', { sourceLang: 'ES', targetLang: 'pt_br' }],
    ['tags with a script', { sourceLang: 'zh-Hant', targetLang: 'sr-Latn-RS' }],
    ['the longest URL', { url: `https://example.org/${'x'.repeat(2048 - 'https://example.org/'.length)}` }],
    ['a URL in another script', { url: 'https://españa.example/ñandú?q=más#fin' }],
    ['a prompt of many bytes', { prompt: '🦜'.repeat(1000) }],
    ['a prompt with odd characters', { prompt: 'a\u0000b \ud800 \u202e' }],
    ['the model that is the default', { model: 'openai/answer' }],
    ['a model that is listed', { model: 'openai/slow' }],
  ])('%s', async (_, changes) => {
    const answer = await accepted(() => submitInput(changes));
    expect({ status: answer.statusCode, body: answer.statusCode === 202 ? '' : answer.body }).toEqual({
      status: 202,
      body: '',
    });
  });

  it('a content type with a charset', async () => {
    const body = JSON.stringify({ type: 'extractArticle', input: input() });
    const answer = await accepted(() => post(body, { 'content-type': 'application/json; charset=utf-8' }));
    expect(answer.statusCode).toBe(202);
  });

  it('as many tags and notes as the schema allows', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => `${index}${'ü'.repeat(63)}`);
    const metadata = Object.fromEntries(tags.map((tag) => [tag, 'é'.repeat(500)]));
    const answer = await accepted(() => submit({ type: 'extractArticle', input: input(), tags, metadata }));
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ tags, metadata });
  });

  it('notes that fill the body are accepted or refused, never an error of ours', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 1500 }, (_, index) => [`note-${index}`, 'x'.repeat(500)]),
    );
    const answer = await accepted(() => submit({ type: 'extractArticle', input: input(), metadata }));
    expect([202, 413, 422]).toContain(answer.statusCode);
  });
});

describe('what was refused', () => {
  it('has started nothing', async () => {
    const query = `TaskQueue = "${house.env['TEMPORAL_TASK_QUEUE']}"`;
    const started = async () => (await house.temporal.workflow.count(query)).count;
    await listed();
    const before = await settled(started);
    for (const changes of [
      { wordCount: 0 },
      { url: 'ftp://example.org' },
      { model: 'openai/gpt-99' },
      { colour: 1 },
    ]) {
      expect((await submitInput(changes)).statusCode).toBe(422);
    }
    expect((await post('{')).statusCode).toBe(400);
    await listed();
    expect(await settled(started)).toBe(before + 1);
  });
});

/** Submits one more. Visibility lags behind: once it shows that one, it shows the earlier ones too. */
async function listed(): Promise<void> {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const answer = await accepted(() =>
    post(JSON.stringify({ type: 'extractArticle', input: input() }), { ...json, ...key }),
  );
  expect(answer.statusCode).toBe(202);
  const query = `WorkflowId = "${answer.json<{ id: string }>().id}"`;
  await until(async () => (await house.temporal.workflow.count(query)).count > 0, {
    what: 'visibility shows the job submitted last',
  });
}

/** The value of a counter that has given the same answer a few times in a row. */
async function settled(read: () => Promise<number>): Promise<number> {
  const seen: number[] = [];
  return until(
    async () => {
      seen.push(await read());
      const last = seen.slice(-5);
      return last.length === 5 && new Set(last).size === 1 ? String(last[0]) : false;
    },
    { what: 'the count of workflows stands still' },
  ).then(Number);
}

failOnLeftovers();
