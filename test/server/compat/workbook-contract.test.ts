import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { freePort } from '../../../scripts/local/ports.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { tableFolder } from '../../harness/tables.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

// What the document of that system promises its clients, field by field. Its own examples ask with a plain fetch.

const origin = 'https://app.example.org';

let house: House;
let base: string;
let port: number;
const folder = tableFolder();

beforeAll(async () => {
  port = await freePort();
  house = await openHouse({
    MODEL: '',
    CHAT_SOCKET_PORT: String(port),
    ...{ MAX_FILE_BYTES: '1000000', CORS_ORIGINS: origin },
  });
  base = `${house.url}/api/v1/chat`;
  await house.startWorker();
});
afterAll(async () => {
  await house.close();
  folder.remove();
});

type Data = Record<string, unknown>;
interface Told {
  status: number;
  body: { data: Data; message: string; meta: Data; status_code: number; total: number };
}

const anything = expect.any(Object);
/** Its clients show the sentence of the bot, and nothing else. */
const refusal = {
  ...{ error_type: expect.any(String), details: expect.any(Object) },
  bot_response: expect.stringMatching(/\S/),
};

/** The answer, which has to be in its envelope. A server that is busy with other tests is asked again. */
async function ask(method: string, path: string, body?: string | FormData): Promise<Told> {
  const answer = await whileBusy(
    () => fetch(`${base}${path}`, { method, ...(body === undefined ? {} : { body }) }),
    ({ status }) => status,
  );
  const told = (await answer.json()) as Told['body'];
  const isRefusal = answer.status >= 400;
  expect(Object.keys(told).toSorted()).toEqual(
    [...(isRefusal ? ['error'] : []), 'data', 'message', 'meta', 'status_code', 'total'].toSorted(),
  );
  expect(told).toMatchObject({ status_code: answer.status, message: expect.any(String) });
  expect(told.meta).toEqual({
    ...{ api_version: 'v1', locale: 'en', request_id: expect.any(String) },
    requested_time: expect.stringMatching(time),
  });
  expect(told.data).toEqual(isRefusal ? refusal : anything);
  return { status: answer.status, body: told };
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const post = (path: string, body?: object) =>
  ask('POST', path, body === undefined ? undefined : JSON.stringify(body));
const bot = (chat: string, rest: string) => `/bot/conversations/${chat}/${rest}`;
const people = 'name,city\nMarta,Lyon\nBao,Nice\n';
const json = { operation: 'json/generate', arguments: {} };

function form(bytes: string | Uint8Array<ArrayBuffer> = people, name = 'people.csv'): FormData {
  const made = new FormData();
  made.set('file', new Blob([bytes]), name);
  return made;
}

const open = async () => String((await post('/bot/conversations')).body.data['chat_id']);
const upload = (chat: string, given = form()) => ask('POST', bot(chat, 'upload'), given);
const say = (chat: string, message: string) => post(bot(chat, 'message'), { message });
const confirm = (chat: string, body: object = { confirmed: true }) => post(bot(chat, 'confirm'), body);
const statusOf = (chat: string, job: unknown) => ask('GET', bot(chat, `workflow/status/${String(job)}`));

/** What is sent again takes the place of a plan that a busy machine did not make in time. */
const untilProposed = (send: () => Promise<Told>): Promise<Told> =>
  until(
    async () => {
      const told = await send();
      return told.body.data['requires_confirmation'] === true && told;
    },
    { what: 'a plan is proposed' },
  );

/** A conversation with a file and a plan that waits. */
async function proposed(wish = 'make JSON of it'): Promise<string> {
  const chat = await open();
  await upload(chat);
  await untilProposed(() => say(chat, wish));
  return chat;
}

/** Polls as the document's example does. */
const ended = (chat: string, job: unknown) =>
  until(
    async () => {
      const { data } = (await statusOf(chat, job)).body;
      return data['completed_at'] !== null && data;
    },
    { what: 'the plan has ended' },
  );

async function run(plan: object[] = [json]): Promise<{ chat: string; job: unknown }> {
  const chat = await open();
  await upload(chat);
  const { body } = await confirm(chat, { confirmed: true, modified_workflow: plan });
  return { chat, job: body.data['job_id'] };
}

describe('POST /bot/conversations', () => {
  it('opens a conversation without a body, and under an id that is given', async () => {
    const created = {
      ...{ chat_id: expect.stringMatching(/./), participant_name: expect.any(String) },
      ...{ status: 'created', bot_message: expect.any(String), state: 'idle' },
      created_at: expect.stringMatching(time),
    };
    const first = await post('/bot/conversations');
    expect([first.status, first.body.data]).toEqual([201, created]);
    const chat_id = `own-${Date.now()}`;
    const second = await post('/bot/conversations', { chat_id });
    expect([second.status, second.body.data]).toEqual([201, { ...created, chat_id }]);
  });
});

describe('POST .../message and .../upload', () => {
  const said = {
    ...{ bot_response: expect.any(String), suggested_workflow: expect.any(Array) },
    intent: { type: expect.any(String), confidence: expect.any(Number) },
    ...{ requires_confirmation: expect.any(Boolean), requires_file: expect.any(Boolean) },
    ...{ action: expect.any(String), output_files: [] },
  };
  const suggestion = {
    operation: 'json/generate',
    arguments: expect.any(Object),
    description: expect.any(String),
  };

  it('take a wish and a file in either order, and propose a plan', async () => {
    const [wishFirst, fileFirst] = [await open(), await open()];
    const wish = await say(wishFirst, 'make JSON of it');
    expect(wish.body.data).toEqual({ ...said, requires_file: true, requires_confirmation: false });
    const uploaded = {
      ...{ filename: 'people.csv', file_path: expect.any(String), bot_response: expect.any(String) },
      download_url: expect.stringContaining('/files/people.csv'),
    };
    const file = await untilProposed(() => upload(wishFirst));
    expect([file.status, file.body.data]).toEqual([
      200,
      { ...uploaded, suggested_workflow: [suggestion], requires_confirmation: true },
    ]);
    expect((await upload(fileFirst)).body.data).toEqual({
      ...{ ...uploaded, suggested_workflow: [], requires_confirmation: false },
    });
    const { status, body } = await untilProposed(() => say(fileFirst, 'make JSON of it'));
    const { job_id: _, ...data } = body.data;
    expect([status, data]).toEqual([
      200,
      {
        ...{ ...said, requires_file: false, requires_confirmation: true },
        ...{ intent: { type: 'generate_json', confidence: expect.any(Number) } },
        suggested_workflow: [suggestion],
      },
    ]);
  });

  it('answer what is not understood, and a word at the wrong time, with a sentence', async () => {
    const chat = await open();
    await upload(chat);
    for (const word of ['good morning', 'yes', 'no', 'cancel', 'help']) {
      const { status, body } = await say(chat, word);
      expect([status, body.data]).toMatchObject([200, { bot_response: expect.stringMatching(/\S/) }]);
      expect(body.data).toMatchObject({ suggested_workflow: [], requires_confirmation: false });
    }
  });

  it('refuse what is wrong with the code of the contract', async () => {
    const chat = await open();
    const withoutFile = new FormData();
    withoutFile.set('note', 'no file');
    const answers = [
      [await say(chat, ''), 422],
      [await post(bot(chat, 'message')), 422],
      [await say('nobody', 'hello'), 404],
      [await upload('nobody'), 404],
      [await upload(chat, form('x'.repeat(1_100_000))), 413],
      [await upload(chat, form('a,b\n', 'old.xls')), 415],
      [await upload(chat, withoutFile), 422],
    ] as const;
    expect(answers.map(([{ status }]) => status)).toEqual(answers.map(([, status]) => status));
  });
});

describe('POST .../confirm', () => {
  it('submits the plan that waits, at once', async () => {
    const chat = await proposed();
    const { status, body } = await confirm(chat);
    expect([status, body.message]).toEqual([202, 'Workflow submitted for background execution']);
    expect(body.data).toEqual({
      ...{ job_id: expect.stringMatching(new RegExp(`^${chat}_workflow_`)), status: 'submitted' },
      ...{ message: expect.any(String), bot_response: expect.any(String) },
    });
    expect((await house.job(String(body.data['job_id']))).type).toBe('runWorkbookPlan');
    await ended(chat, body.data['job_id']);
  });

  it('declines, also where nothing waits', async () => {
    const none = { bot_response: expect.any(String), output_files: [], results: [] };
    const chat = await proposed();
    for (const _ of [1, 2]) {
      const { status, body } = await confirm(chat, { confirmed: false });
      expect([status, body.data]).toEqual([200, none]);
    }
  });

  it('runs a plan of the body where there is a file, and refuses what it cannot run', async () => {
    const plan = { confirmed: true, modified_workflow: [json] };
    const [empty, chat] = [await open(), await open()];
    await upload(chat);
    const wrong = [{ operation: 'json/generate', arguments: { colums: [] } }];
    const answers = [
      [await confirm(chat), 400],
      [await confirm(empty, plan), 400],
      [await confirm(chat, { confirmed: true, modified_workflow: wrong }), 422],
      [await confirm(chat, {}), 422],
      [await post(bot(chat, 'confirm')), 422],
      [await confirm('nobody'), 404],
      [await confirm(chat, plan), 202],
    ] as const;
    expect(answers.map(([{ status }]) => status)).toEqual(answers.map(([, status]) => status));
    await ended(chat, answers.at(-1)?.[0].body.data['job_id']);
  });
});

describe('GET .../workflow/status/{job_id}', () => {
  it('tells a plan that is done, with what each step made', async () => {
    const { chat, job } = await run([{ operation: 'csv/convert-to-excel', arguments: {} }, json]);
    const end = await ended(chat, job);
    const times = ['submitted_at', 'started_at', 'completed_at'].map((name) => String(end[name]));
    expect(times).toEqual(times.toSorted());
    const file = {
      file_path: expect.any(String),
      download_url: expect.stringContaining(`/workflows/${chat}/files/`),
    };
    const step = { status: 'completed', output_file: expect.any(String), download_url: file.download_url };
    expect(end).toEqual({
      ...{ job_id: job, status: 'completed', error: null },
      ...{ submitted_at: expect.stringMatching(time), started_at: expect.stringMatching(time) },
      completed_at: expect.stringMatching(time),
      result: {
        ...{ bot_response: expect.any(String), output_files: [file] },
        results: [
          { ...step, step_id: 'step-1', operation: 'csv/convert-to-excel' },
          { ...step, step_id: 'step-2', operation: 'json/generate' },
        ],
      },
    });
  });

  it('tells a plan that failed as failed, and says why', async () => {
    const { chat, job } = await run([{ ...json, arguments: { columns: ['nobody'] } }]);
    expect(await ended(chat, job)).toMatchObject({
      ...{ status: 'failed', result: null, error: expect.stringMatching(/step 1 of 1.*nobody/i) },
    });
  });

  it('reads pending while five others of the owner run, until one of them is over', async () => {
    const five = [1, 2, 3, 4, 5].map((number) => `five-${Date.now()}-${number}`);
    const rows = five.map((job_id) => ({
      job_id,
      owner: 'local',
      kind: 'runWorkbookPlan',
      lane: null,
      held: true,
    }));
    await house.db.insertInto('places').values(rows).execute();
    try {
      const { chat, job } = await run();
      await house.jobWhen(String(job), 'it queues', ({ status }) => status === 'queued');
      expect((await statusOf(chat, job)).body.data).toMatchObject({
        ...{ status: 'pending', started_at: null, completed_at: null, result: null, error: null },
      });
      await house.db
        .deleteFrom('places')
        .where('job_id', '=', five[0] ?? '')
        .execute();
      expect(await ended(chat, job)).toMatchObject({ status: 'completed' });
    } finally {
      await house.db.deleteFrom('places').where('job_id', 'in', five).execute();
    }
  });

  it('is 404 for a job that is not there, and for that of another conversation', async () => {
    const { chat, job } = await run();
    await ended(chat, job);
    const other = await statusOf(await open(), job);
    expect([other.status, other.body.message]).toEqual([404, 'Job not found']);
    expect((await statusOf(chat, 'nothing')).status).toBe(404);
    expect((await statusOf('nobody', job)).status).toBe(404);
  });
});

describe('GET .../history, DELETE, GET /bot/operations and files', () => {
  it('tell and remove a conversation, the newest messages first to stay', async () => {
    const { chat, job } = await run();
    await ended(chat, job);
    const { status, body } = await ask('GET', bot(chat, 'history?limit=1'));
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      ...{ chat_id: chat, state: 'completed', status: 'completed' },
      messages: [{ type: 'system', content: expect.any(String) }],
      files: [{ type: 'uploaded' }, { type: 'output', download_url: expect.any(String) }],
      workflow_steps: [{ operation: 'json/generate', status: 'completed' }],
    });
    expect((await ask('GET', bot(chat, 'history?limit=0'))).status).toBe(422);
    const removed = await ask('DELETE', `/bot/conversations/${chat}`);
    expect([removed.status, removed.body.data]).toEqual([200, { chat_id: chat }]);
    const after = [bot(chat, 'history'), `/workflows/${chat}/files/people.csv`];
    for (const path of after) expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('DELETE', `/bot/conversations/${chat}`)).status).toBe(404);
  });

  it('tell the operations by their eight intents', async () => {
    const { status, body } = await ask('GET', '/bot/operations');
    expect([status, body.data['total_intents']]).toEqual([200, 8]);
    expect(Object.keys(body.data['operations'] as object)).toHaveLength(8);
  });

  it('give a workbook that was uploaded back as it was, and one that was made of it', async () => {
    const { chat, job } = await run([
      { operation: 'csv/convert-to-excel', arguments: { sheet_name: 'People' } },
    ]);
    const made = await ended(chat, job);
    const [{ download_url: url }] = (made['result'] as { output_files: [{ download_url: string }] })
      .output_files;
    const answer = await fetch(`${house.url}${url}`);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    const workbook = new Uint8Array(await answer.arrayBuffer());

    const next = await open();
    const uploaded = await upload(next, form(workbook, 'people.xlsx'));
    expect(uploaded.body.data).toMatchObject({ filename: 'people.xlsx' });
    const back = await fetch(`${house.url}${String(uploaded.body.data['download_url'])}`);
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(workbook);
    await untilProposed(() => say(next, 'uppercase the city'));
    const { body } = await confirm(next);
    const end = await ended(next, body.data['job_id']);
    const [last] = (end['result'] as { output_files: { download_url: string }[] }).output_files;
    const bytes = new Uint8Array(await (await fetch(`${house.url}${last?.download_url}`)).arrayBuffer());
    expect(await folder.read(folder.put('made.xlsx', bytes))).toMatchObject({
      columns: ['name', 'city'],
      rows: [
        ['Marta', 'LYON'],
        ['Bao', 'NICE'],
      ],
    });
  });

  it('let pages of elsewhere upload and delete', async () => {
    const chat = await open();
    for (const [method, path] of [
      ['POST', bot(chat, 'upload')],
      ['DELETE', `/bot/conversations/${chat}`],
    ] as const) {
      const headers = {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type',
      };
      const answer = await fetch(`${base}${path}`, { method: 'OPTIONS', headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    }
  });
});

describe('the WebSocket', () => {
  interface Frame extends Data {
    type: string;
  }

  /** As `new WebSocket('ws://localhost:5051')` of the document; every frame has the fields that all of them have. */
  async function listen(path: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    const frames: Frame[] = [];
    socket.on('message', (bytes: Buffer) => {
      frames.push(JSON.parse(bytes.toString()) as Frame);
    });
    await once(socket, 'open');
    const of = (job: unknown) => frames.filter(({ job_id: id }) => id === job);
    return {
      ...{ frames, of },
      say: (frame: object) => socket.send(JSON.stringify(frame)),
      heard: (type: string, job?: unknown) =>
        until(() => (job === undefined ? frames : of(job)).find((frame) => frame.type === type), {
          what: `"${type}" is heard`,
          seen: () => JSON.stringify(frames),
        }),
      async close() {
        socket.close();
        await once(socket, 'close');
      },
    };
  }

  const about = (chat: string, job: unknown) => ({
    chat_id: chat,
    job_id: job,
    timestamp: expect.stringMatching(time),
  });

  /** What is told of a plan of one step that is done. */
  function expectTold(frames: Frame[], { chat, job }: { chat: string; job: unknown }): void {
    const message = expect.any(String);
    const step = { type: 'progress', step_id: 'step-1', operation: 'json/generate', message };
    const progress = frames.slice(1, -1);
    expect(frames[0]).toEqual({ type: 'workflow_started', total_steps: 1, message, ...about(chat, job) });
    for (const frame of progress) {
      expect(frame).toEqual({
        ...{ ...step, progress: expect.any(Number), status: expect.stringMatching(/^(running|completed)$/) },
        ...about(chat, job),
      });
    }
    expect([progress[0]?.['progress'], progress.at(-1)?.['progress']]).toEqual([0, 100]);
    expect(frames.at(-1)).toEqual({
      ...{ type: 'workflow_completed', total_steps: 1, output_files_count: 1, message },
      ...about(chat, job),
    });
  }

  it.each(['/chat/{id}', '/'])('on %s tells a plan that goes, and one that was over before', async (path) => {
    const chat = await proposed();
    const early = await listen(path.replace('{id}', chat));
    expect(await early.heard('connected')).toMatchObject({ timestamp: expect.stringMatching(time) });
    const job = (await confirm(chat)).body.data['job_id'];
    await early.heard('workflow_completed', job);
    await ended(chat, job);
    const late = await listen(path.replace('{id}', chat));
    await late.heard('workflow_completed', job);
    for (const { of } of [early, late]) expectTold(of(job), { chat, job });
    await Promise.all([early.close(), late.close()]);
  });

  it('replays all plans of a conversation on /chat/{id}, in their order, and on / the newest alone', async () => {
    const first = await run();
    await ended(first.chat, first.job);
    const second = (
      await confirm(first.chat, {
        confirmed: true,
        modified_workflow: [{ ...json, arguments: { columns: ['name'] } }],
      })
    ).body.data['job_id'];
    await ended(first.chat, second);
    const [chat, root] = [await listen(`/chat/${first.chat}`), await listen('/')];
    await Promise.all([chat.heard('workflow_completed', second), root.heard('workflow_completed', second)]);
    const done = chat.frames.filter(({ type }) => type === 'workflow_completed');
    expect(done.map(({ job_id: job }) => job)).toEqual([first.job, second]);
    expect(root.of(first.job)).toEqual([]);
    await Promise.all([chat.close(), root.close()]);
  });

  it('tells a failure as workflow_failed with an error, and answers what clients send', async () => {
    const { chat, job } = await run([{ ...json, arguments: { columns: ['nobody'] } }]);
    const socket = await listen('/');
    socket.say({ type: 'ping' });
    socket.say({ type: 'anything' });
    socket.say({ type: 'subscribe', chat_id: chat });
    socket.say({ type: 'subscribe', chat_id: 'nobody' });
    await Promise.all(['pong', 'ack', 'error'].map((type) => socket.heard(type)));
    expect(await socket.heard('workflow_failed', job)).toEqual({
      ...{ type: 'workflow_failed', error: expect.stringMatching(/nobody/), message: expect.any(String) },
      ...about(chat, job),
    });
    await socket.close();
  });
});

failOnLeftovers();
