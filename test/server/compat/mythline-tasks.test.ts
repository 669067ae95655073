import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(180_000);

interface TaskStatus {
  status: string;
  progress?: number;
  current_step?: string;
  step?: number;
  total_steps?: number;
  result?: unknown;
  error?: string;
}

let house: House;
let worker: WorkerProcess;
const page = 'https://mythline.example.org';

beforeAll(async () => {
  house = await openHouse({ CORS_ORIGINS: page });
  worker = await house.startWorker();
});
afterAll(() => house.close());

/** As its components call: `fetch` from another origin. */
const call = async <T>(method: string, path: string, body?: unknown) => {
  const response = await fetch(`${house.url}${path}`, {
    method,
    headers: { origin: page, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
};
/** A server that is busy with other tests is asked again. */
const ask = <T>(...asked: Parameters<typeof call>) =>
  whileBusy(
    () => call<T>(...asked),
    ({ status }) => status,
  );
const start = async (data: string): Promise<string> => {
  const answer = await ask<{ task_id: string }>('POST', '/api/task/start', { data });
  expect([answer.status, Object.keys(answer.body)]).toEqual([200, ['task_id']]);
  expect(answer.body.task_id).toMatch(/^[A-Za-z0-9._~:-]{1,100}$/);
  return answer.body.task_id;
};
const read = async (id: string) => (await ask<TaskStatus>('GET', `/api/task/status/${id}`)).body;
const cancel = (id: string) => ask<TaskStatus>('DELETE', `/api/task/${id}/cancel`);
/** A task that a model which never finishes was asked for. */
const hanging = async (data: string): Promise<string> => {
  const asked = house.models.calls.length;
  house.models.next('hang-mid-stream');
  const id = await start(data);
  await until(() => house.models.calls.length > asked, { what: 'the model is asked' });
  return id;
};
/** Everything the page is told until its loop stops. */
const watched = async (id: string, onRead: (now: TaskStatus) => void = () => undefined) => {
  const seen: TaskStatus[] = [];
  await until(
    async () => {
      const now = await read(id);
      seen.push(now);
      onRead(now);
      return now.status !== 'running';
    },
    { what: 'the task ends' },
  );
  return seen;
};

describe('a task', () => {
  it('runs with a progress that never falls, and ends with the text as its result', async () => {
    const rest = Promise.withResolvers<void>();
    house.models.next('in-halves', { goOn: rest.promise });
    const seen = await watched(await start('What is a frog?'), ({ step }) => {
      if (step !== undefined) rest.resolve();
    });
    const running = seen.slice(0, -1);
    expect(running.length).toBeGreaterThan(0);
    const percents = running.map(({ progress }) => progress);
    expect(percents.every((percent) => typeof percent === 'number')).toBe(true);
    expect(percents).toEqual(percents.toSorted((a, b) => Number(a) - Number(b)));
    const inStep = running.filter(({ step }) => step !== undefined);
    expect(inStep.at(-1)).toEqual({
      status: 'running',
      progress: expect.any(Number),
      current_step: expect.stringMatching(/./),
      step: 1,
      total_steps: 1,
    });
    expect(seen.at(-1)).toEqual({ status: 'completed', progress: 100, result: 'You said: What is a frog?' });
  });

  it('reads the same at both addresses, and not at all for an unknown id', async () => {
    const id = await start('twice');
    await watched(id);
    const [one, two] = await Promise.all(
      ['/api/task/status/', '/api/status/'].map((path) => call('GET', path + id)),
    );
    expect(one?.body).toEqual(two?.body);
    for (const [method, path] of [
      ['GET', '/api/task/status/nope'],
      ['GET', '/api/status/nope'],
      ['GET', '/api/status/%00'],
      ['GET', '/api/story/progress/a%00b'],
      ['DELETE', '/api/task/nope/cancel'],
      ['DELETE', '/api/task/a%00b/cancel'],
    ] as const) {
      const { status, headers, body } = await call(method, path);
      expect([status, body]).toEqual([404, { detail: 'Task not found' }]);
      expect(headers.get('access-control-allow-origin')).toBe(page);
    }
  });

  it('that fails says why in a sentence', async () => {
    house.models.next('content-filter');
    const last = (await watched(await start('forbidden'))).at(-1);
    expect(last).toEqual({ status: 'error', error: expect.stringMatching(/\.$/) });
  });
});

describe('a cancel', () => {
  it('ends the task, is told by every later read, and can be repeated', async () => {
    const id = await hanging('Never ends');
    await until(async () => (await read(id)).step === 1, { what: 'it is in its step' });
    expect(await cancel(id)).toMatchObject({ status: 200 });
    expect((await watched(id)).at(-1)).toEqual({ status: 'cancelled' });
    expect(await cancel(id)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('of a task that has ended tells its end', async () => {
    const id = await start('done soon');
    await watched(id);
    const { status, body } = await cancel(id);
    expect([status, body]).toEqual([200, { status: 'completed' }]);
    expect((await read(id)).status).toBe('completed');
  });

  it('is allowed to the page by a preflight', async () => {
    const preflight = await fetch(`${house.url}/api/task/some/cancel`, {
      method: 'OPTIONS',
      headers: { origin: page, 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect(preflight.headers.get('access-control-allow-origin')).toBe(page);
  });
});

describe('a start', () => {
  it.each([[{}], [{ data: 1 }], [{ data: null }], [[]], ['text']])(
    'of the form %j is refused as FastAPI refuses it',
    async (body) => {
      const answer = await call<{ detail: { loc: unknown[]; msg: string; type: string }[] }>(
        'POST',
        '/api/task/start',
        body,
      );
      expect(answer.status).toBe(422);
      expect(answer.body.detail[0]).toEqual({
        loc: expect.arrayContaining(['body']),
        msg: expect.any(String),
        type: expect.any(String),
      });
      expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    },
  );

  it('of an empty text, which a person can type, is refused with a sentence', async () => {
    const { status, body } = await call<{ detail: string }>('POST', '/api/task/start', { data: '' });
    expect(status).toBe(422);
    expect(body.detail).toMatch(/^The request cannot be used: data .*\.$/);
  });

  it('of fields nobody knows is taken', async () => {
    const { status, body } = await ask<{ task_id: string }>('POST', '/api/task/start', {
      data: 'more',
      session: null,
    });
    expect(status).toBe(200);
    await watched(body.task_id);
  });
});

it('a refusal that no route gives can be read by the page too', async () => {
  for (const path of ['/api/status/100%', '/api/story/progress/100%', '/api/nothing']) {
    const { status, headers, body } = await call<{ detail: string }>('GET', path);
    expect([path, status >= 400, typeof body.detail]).toEqual([path, true, 'string']);
    expect([path, headers.get('access-control-allow-origin')]).toEqual([path, page]);
    expect(headers.get('vary')).toContain('Origin');
  }
});

it('a task goes on while no worker is there, and outlives it', async () => {
  const id = await hanging('through a crash');
  await until(async () => (await read(id)).step === 1, { what: 'it is in its step' });
  await worker.kill();
  expect((await read(id)).status).toBe('running');
  worker = await house.startWorker();
  expect((await watched(id)).at(-1)).toMatchObject({ status: 'completed' });
});

failOnLeftovers();
