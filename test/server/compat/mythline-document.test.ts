import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { planSaid, reviewSaid, saveResearch } from '../../harness/stories.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

/*
 * From the document of that system, and from what its page does beside it: `startTask`, `cancelTask` and `startGeneration`
 * of its components, and their loops, which ask until they read an end.
 */

interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

interface Progress {
  status: string;
  message: string;
  progress: number;
  current?: number;
  total?: number;
  details?: object;
}

let house: House;
const origin = 'https://mythline.example.org';
const headers = { origin, 'Content-Type': 'application/json' };

beforeAll(async () => {
  house = await openHouse({ CORS_ORIGINS: origin, MODELS: 'openai/context-too-long' });
  await house.startWorker();
});
afterAll(() => house.close());

async function ask<T = Record<string, unknown>>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(`${house.url}${path}`, { headers: { origin }, ...init });
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  return { status: response.status, body: (await response.json()) as T };
}

/** A server that is busy with other tests may say so, and is asked again. */
const post = <T = Record<string, unknown>>(
  path: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<Answer<T>> =>
  until(
    async () => {
      const sent = { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) };
      const answer = await ask<T>(path, sent);
      return ![409, 503].includes(answer.status) && answer;
    },
    { what: `${path} answers` },
  );

const cancelTask = (id: string) =>
  whileBusy(
    () => ask<{ status: string }>(`/api/task/${id}/cancel`, { method: 'DELETE' }),
    ({ status }) => status,
  );

/** The loops of the document stop at these two; its cancel at the third. */
const isEnd = ({ status }: { status: string }) => ['completed', 'error', 'cancelled'].includes(status);

async function poll<T extends { status: string }>(path: string): Promise<T[]> {
  const seen: T[] = [];
  const refused = new Set<number>();
  const over = async () => {
    const { status, body } = await ask<T>(path);
    if (status === 200) seen.push(body);
    else refused.add(status);
    return status === 200 && isEnd(body);
  };
  await until(over, { what: `${path} reads an end`, limitMs: 100_000 });
  // A server that is busy with other tests may say so.
  expect([...refused].filter((status) => status !== 503)).toEqual([]);
  return seen;
}

interface Task {
  status: string;
  result?: unknown;
  error?: string;
}

const task = async (data: string): Promise<Task> => {
  const { status, body } = await post<{ task_id: string }>('/api/task/start', { data });
  expect([status, Object.keys(body)]).toEqual([200, ['task_id']]);
  return (await poll<Task>(`/api/status/${body.task_id}`)).at(-1) as Task;
};

/** It stands in the address as it is. */
const progressOf = async (subject: string): Promise<Progress> => {
  const read = () => ask<Progress>(`/api/story/progress/${subject}`);
  return (await whileBusy(read, ({ status }) => status)).body;
};
const ended = async (subject: string): Promise<Progress> =>
  (await poll<Progress>(`/api/story/progress/${subject}`)).at(-1) as Progress;

const startGeneration = async (subject: string, player = 'Inés'): Promise<string> => {
  const { status, body } = await post('/api/story/create', { subject, player });
  expect([body['detail'], status]).toEqual([undefined, 200]);
  expect(body).toEqual({ task_id: body['task_id'], message: expect.stringMatching(/\w/) });
  return body['task_id'] as string;
};

const fresh = async (what: string): Promise<string> => {
  const subject = `${what} ${randomUUID().slice(0, 8)}`;
  await saveResearch(house, subject);
  return subject;
};

const says = (...texts: string[]) => texts.forEach((text) => house.models.next('answer', { text }));

/** Starts what is left waiting for the last of so many answers of the model, which does not come. */
const askedAgain = async (start: () => Promise<unknown>, times = 1): Promise<void> => {
  const asked = house.models.calls.length;
  house.models.next('hang-mid-stream', { text: 'so it was '.repeat(50) });
  await start();
  await until(() => house.models.calls.length >= asked + times, { what: 'the model is asked' });
};

describe('a text of a task', () => {
  it('of two million characters is taken, and refused with a sentence only where the model cannot read it', async () => {
    const data = 'Lorem ipsum. '.repeat(160_000);
    says('It is Latin.');
    expect(await task(data)).toEqual({ status: 'completed', progress: 100, result: 'It is Latin.' });
    house.models.next('context-too-long');
    expect(await task(data)).toEqual({ status: 'error', error: expect.stringMatching(/^\S.* .*\.$/) });
  });

  it.each(['', '  \n', 'x'.repeat(4_000_001)])('that cannot be one (case %#) is a sentence', async (data) => {
    const { status, body } = await post('/api/task/start', { data });
    expect([status, body]).toEqual([422, { detail: expect.stringMatching(/^[A-Z].*data.*\.$/) }]);
  });

  it.each([
    ['no JSON', '{"data": ', 400],
    ['too large for any', `"${'x'.repeat(13 * 1024 * 1024)}"`, 413],
  ])('in a body that is %s is refused so that the page can read it', async (_, payload, expected) => {
    const answer = await house.api.inject({ method: 'POST', url: '/api/task/start', headers, payload });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect([answer.statusCode, answer.json()]).toEqual([
      expected,
      expect.objectContaining({ detail: expect.stringMatching(/\w/) }),
    ]);
  });

  it('of an unknown field beside it, or null for one, is taken', async () => {
    const { status, body } = await post('/api/task/start', {
      data: 'Why?',
      priority: null,
      more: { deep: [] },
    });
    expect(status).toBe(200);
    await poll(`/api/task/status/${String(body['task_id'])}`);
  });
});

describe('an id', () => {
  it.each(['no-such-task', 'job_1', 'Der Leuchtturm', '50% off', '%', 'a'.repeat(3000), '..%2f', '%00'])(
    'of no task (case %#) is told so at each address',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/api/task/status/${id}`],
        ['GET', `/api/status/${id}`],
        ['GET', `/api/story/progress/${id}`],
        ['DELETE', `/api/task/${id}/cancel`],
      ] as const) {
        const { status, body } = await ask(path, { method });
        // One that no address can hold is told in the words of whoever reads addresses.
        expect([path, [404, 400].includes(status)]).toEqual([path, true]);
        expect(body['detail']).toMatch(/\w/);
      }
    },
  );

  it.each([
    ['DELETE', '/api/task/job_1/cancel'],
    ['POST', '/api/task/start'],
    ['POST', '/api/story/create'],
    ['POST', '/api/research/any/data'],
    ['GET', '/api/task/status/job_1'],
  ])('may be sent by %s to %s after a preflight', async (method, path) => {
    const wanted = ['authorization', 'content-type', 'x-requested-with'];
    const response = await fetch(`${house.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        ...{ origin, 'access-control-request-method': method },
        'access-control-request-headers': wanted.join(','),
      },
    });
    expect(response.ok).toBe(true);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-methods')?.split(/, ?/)).toContain(method);
    const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(/, ?/);
    expect(allowed).toEqual(expect.arrayContaining(wanted));
  });
});

describe('a subject', () => {
  it.each([
    ['umlauts', 'Der Türmer zu Köln'],
    ['umlauts of two characters each', 'Der Türmer zu Köln'.normalize('NFD')],
    ['Cyrillic', 'Маяк на краю света'],
    ['190 characters of another script', '灯'.repeat(190)],
    ['an apostrophe and signs', "O'Neill & Sons: a+b=c; (1,5) @home!"],
    ['emoji', '🗼🌊'],
    ['white space around it', '  The Lighthouse'],
  ])('with %s is asked for as it is, and as it was typed', async (_, given) => {
    const subject = `${given}${randomUUID().slice(0, 4)}`;
    await saveResearch(house, subject.normalize('NFC').trim());
    house.models.next('wrong-key');
    const taskId = await startGeneration(subject, '');
    for (const name of new Set([taskId, subject])) {
      expect(await ended(name)).toEqual({
        ...{ status: 'error', progress: 0, message: expect.stringMatching(/^\S.* .*\.$/) },
      });
    }
  });

  it('whose story could not be read is refused, and says why', async () => {
    await saveResearch(house, 'list');
    for (const subject of ['list', ' list ']) {
      const { status, body } = await post('/api/story/create', { subject, player: 'Inés' });
      expect([status, body['detail']]).toEqual([400, expect.stringMatching(/"list".*another name\.$/)]);
    }
    expect((await ask<string[]>('/api/research/subjects')).body).toContain('list');
  });

  it('whose research a person has written over /v1 has a story, and none once that is deleted', async () => {
    const subject = `By hand ${randomUUID().slice(0, 8)}`;
    const research = (method: 'PUT' | 'DELETE', payload?: object) =>
      house.api.inject({
        ...{ method, url: `/v1/research/${encodeURIComponent(subject)}` },
        ...(payload ? { payload } : {}),
      });
    const create = () => post('/api/story/create', { subject, player: 'Inés' });
    expect((await create()).status).toBe(400);
    expect((await research('PUT', { content: { title: 'By hand' } })).statusCode).toBe(201);
    house.models.next('wrong-key');
    expect((await create()).status).toBe(200);
    await ended(subject);
    expect((await research('DELETE')).statusCode).toBe(204);
    const { status, body } = await create();
    expect([status, body['detail']]).toEqual([400, expect.stringMatching(/no research .*\.$/)]);
  });
});

describe('a story', () => {
  it('is written under the eyes of its page, which reads it whole', async () => {
    const subject = await fresh('Forty seconds');
    says(planSaid(2), 'The storm is near.', reviewSaid(1), 'Inés crosses the Teeth.', reviewSaid(1));
    says(JSON.stringify({ lines: [{ actor: 'Marta', line: 'Hold it.' }] }), reviewSaid(1));
    says('All boats are home.', reviewSaid(1));
    expect(await startGeneration(subject)).toBe(subject);
    const seen = await poll<Progress>(`/api/story/progress/${subject}`);
    expect(seen.at(-1)).toEqual({ status: 'completed', message: 'Story creation complete', progress: 100 });
    const numbers = seen.map(({ progress }) => progress);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    for (const { status, message, current, total } of seen.slice(0, -1)) {
      expect(status).toMatch(/^(starting|running)$/);
      expect(message).toMatch(/\w/);
      expect([current, total].every(Number.isInteger)).toBe(true);
    }
    expect((await ask('/api/stories/list')).body).toContain(subject);
    const about = { quest_ids: ['quest-1'], phase: 'exec' };
    expect(await ask(`/api/stories/${subject}`)).toEqual({
      status: 200,
      body: {
        title: 'Forty seconds',
        introduction: { text: 'The storm is near.' },
        segments: [
          { ...about, section: 'narration', text: 'Inés crosses the Teeth.' },
          { ...about, section: 'dialogue', lines: [{ actor: 'Marta', line: 'Hold it.' }] },
        ],
        conclusion: { text: 'All boats are home.' },
      },
    });
  });

  it('tells which segment of how many is written, and what it is', async () => {
    const subject = await fresh('Step 2 of 4');
    says(planSaid(2), 'The storm is near.', reviewSaid(1));
    await askedAgain(() => startGeneration(subject), 4);
    const second = async () => {
      const now = await progressOf(subject);
      return now.current === 2 && now;
    };
    expect(await until(second, { what: 'the second segment is written' })).toMatchObject({
      ...{ status: 'running', total: 4, message: expect.stringMatching(/\w/) },
      details: { segment_type: 'quest', sub_type: 'quest_execution', quest_name: 'Quest 1' },
    });
    await cancelTask(subject);
    await ended(subject);
  });

  it('done in part is completed, and names what is missing', async () => {
    const subject = await fresh('The gap');
    says(planSaid(2), 'The storm is near.', reviewSaid(1));
    house.models.next('wrong-key');
    says(JSON.stringify({ lines: [{ actor: 'Marta', line: 'Hold it.' }] }), reviewSaid(1));
    says('All boats are home.', reviewSaid(1));
    await startGeneration(subject);
    expect(await ended(subject)).toEqual({
      ...{ status: 'completed', progress: 100 },
      message: expect.stringMatching(/3 of 4 segments.*segment 2/),
    });
    const { body } = await ask<{ segments: object[] }>(`/api/stories/${subject}`);
    expect(body.segments).toEqual([expect.objectContaining({ section: 'dialogue' })]);
  });

  it('is one when five ask for it at the same moment', async () => {
    const subject = await fresh('At once');
    const players = [1, 2, 3, 4, 5].map((player) => `Player ${player}`);
    await askedAgain(() => Promise.all(players.map((player) => startGeneration(subject, player))));
    const places = house.db.selectFrom('concurrency_queue').select('job_id').where('key', '=', subject);
    expect(await places.execute()).toHaveLength(1);
    expect((await progressOf(subject)).status).toMatch(/^(starting|running)$/);
    await cancelTask(subject);
    await ended(subject);
  });
});

describe('the progress of a subject is that of its latest job', () => {
  const started = async (path: string, body: object): Promise<string> => {
    const answer = await post<Job>(path, body, { 'idempotency-key': randomUUID() });
    expect([path, answer.status]).toEqual([path, 202]);
    return answer.body.id;
  };
  /** From the moment in which the start is answered. */
  const isUnderWay = async (subject: string) =>
    expect((await progressOf(subject)).status).toMatch(/^(starting|running)$/);
  const stop = async (subject: string) => {
    expect((await cancelTask(subject)).status).toBe(200);
    expect((await ended(subject)).status).toBe('error');
  };

  it('however that was started: submitted, retried, run again or forked', async () => {
    const subject = await fresh('Elsewhere');
    let latest = '';
    const from: [string, () => [string, object]][] = [
      ['submitted', () => ['/v1/jobs', { type: 'createStory', input: { subject, player: 'Inés' } }]],
      ['retried', () => [`/v1/jobs/${latest}/retry`, {}]],
      ['run again', () => [`/v1/jobs/${latest}/rerun`, {}]],
      ['forked', () => [`/v1/jobs/${latest}/fork`, { fromStep: 'plan' }]],
    ];
    for (const [, request] of from) {
      await askedAgain(async () => {
        latest = await started(...request());
        await isUnderWay(subject);
      });
      const { status, body } = await ask<Task>(`/api/status/${subject}`);
      expect([status, body.status]).toEqual([200, 'running']);
      await stop(subject);
      expect(await house.job(latest)).toMatchObject({ status: 'cancelled' });
    }
  });

  it('also where its start was not answered: the next one finds it, and says what it is about', async () => {
    const subject = await fresh('Unanswered');
    await askedAgain(() => startGeneration(subject));
    const job = await house.db
      .selectFrom('concurrency_queue')
      .select('job_id as id')
      .where('key', '=', subject)
      .executeTakeFirstOrThrow();
    // What an API process that did not hear of the start has left: nothing.
    await house.db.deleteFrom('aliases').where('job_id', '=', job.id).execute();
    await house.db.updateTable('event_logs').set({ subject: null }).where('job_id', '=', job.id).execute();
    expect((await ask(`/api/story/progress/${subject}`)).status).toBe(404);
    await startGeneration(subject, 'somebody else');
    await isUnderWay(subject);
    const told = async () => {
      const { body } = await ask<{ items: { id: string; subject: string | null }[] }>(
        '/v1/jobs?pageSize=100',
      );
      return body.items.find(({ id }) => id === job.id)?.subject;
    };
    expect(await until(told, { what: 'the list says what the job is about' })).toContain(subject);
    await stop(subject);
  });
});

failOnLeftovers();
