import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

interface Progress {
  status: string;
  message: string;
  progress: number;
  current?: number;
  total?: number;
  details?: { segment_type: string; sub_type: string; quest_name: string };
}

interface Started {
  task_id: string;
  message: string;
}

let house: House;
const page = 'https://mythline.example.org';
const text = 'The keeper of the lighthouse lost a lens. Mara, who mends boats, knows where it lies.';

beforeAll(async () => {
  house = await openHouse({ CORS_ORIGINS: page, MODELS: 'openai/wrong-key,openai/hang-mid-stream' });
  await house.startWorker();
});
afterAll(() => house.close());

const call = async <T>(method: string, path: string, body?: unknown) => {
  const response = await fetch(`${house.url}${path}`, {
    method,
    headers: { origin: page, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.headers.get('access-control-allow-origin')).toBe(page);
  return { status: response.status, body: (await response.json()) as T };
};
/** The page puts the subject into the address as it is: the browser encodes what an address cannot hold. */
const progressOf = (subject: string) => call<Progress>('GET', `/api/story/progress/${subject}`);
const create = async (subject: string, player = 'Inés') => {
  const answer = await until(
    async () => {
      const now = await call<Started>('POST', '/api/story/create', { subject, player });
      // A subject that is being started elsewhere, late, is told as taken.
      return ![409, 503].includes(now.status) && now;
    },
    { what: 'the start is answered' },
  );
  expect(answer).toEqual({
    status: 200,
    body: { task_id: subject, message: expect.stringMatching(/./) },
  });
};
const researched = async (subject: string): Promise<string> => {
  const { id } = await house.submitJob('researchSubject', { subject, text });
  const job = await house.jobWhen(id, 'the research is done', ({ done }) => done);
  expect(job.status).toBe('succeeded');
  return subject;
};
/** All that the page is told until it stops asking. */
const watched = async (subject: string): Promise<Progress[]> => {
  const seen: Progress[] = [];
  await until(
    async () => {
      const { status, body } = await progressOf(subject);
      expect(status).toBe(200);
      seen.push(body);
      return body.status === 'completed' || body.status === 'error';
    },
    { what: 'the story ends', limitMs: 100_000 },
  );
  return seen;
};

describe('a story', () => {
  it('is started, watched to its end and read, whatever letters its subject has', async () => {
    const subject = await researched("El faro d'Inés – маяк");
    await create(subject);
    const first = await progressOf(subject);
    expect(first.status).toBe(200);
    const seen = [first.body, ...(await watched(subject))];
    expect(seen.every(({ message }) => message.length > 0)).toBe(true);
    const percents = seen.map(({ progress }) => progress);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(new Set(seen.map(({ status }) => status))).not.toContain('error');
    expect(seen.at(-1)).toEqual({
      status: 'completed',
      message: 'Story creation complete',
      progress: 100,
    });
    for (const { current = 1, total = 1 } of seen) expect(current).toBeLessThanOrEqual(total);
    const list = await call<string[]>('GET', '/api/stories/list');
    expect(list.body).toContain(subject);
    const { status, body } = await call('GET', `/api/stories/${subject}`);
    expect([status, body]).toEqual([
      200,
      {
        title: expect.any(String),
        introduction: { text: expect.stringMatching(/./) },
        segments: expect.any(Array),
        conclusion: { text: expect.stringMatching(/./) },
      },
    ]);
  });

  it('is refused without research, and for a subject that could stand in no address', async () => {
    const none = await call<{ detail: string }>('POST', '/api/story/create', {
      subject: 'nobody knows',
      player: 'Inés',
    });
    expect([none.status, none.body.detail]).toEqual([400, expect.stringMatching(/no research .*\.$/)]);
    for (const subject of [
      'a/b',
      'a?b',
      'a#b',
      'a%b',
      'a\\b',
      '..',
      '',
      '   ',
      'a\u0007b',
      'x'.repeat(201),
    ]) {
      const { status, body } = await call<{ detail: string }>('POST', '/api/story/create', {
        subject,
        player: 'Inés',
      });
      expect([subject, status, typeof body.detail]).toEqual([subject, 400, 'string']);
    }
  });

  it.each([[{}], [{ subject: 'a' }], [{ subject: 1, player: 'b' }], [{ subject: null, player: 'b' }]])(
    'of the form %j is refused as FastAPI refuses it',
    async (body) => {
      const answer = await call<{ detail: { loc: unknown[] }[] }>('POST', '/api/story/create', body);
      expect([answer.status, answer.body.detail[0]?.loc[0]]).toEqual([422, 'body']);
    },
  );

  it('that nobody has asked for is not there', async () => {
    expect(await progressOf('nothing')).toEqual({ status: 404, body: { detail: 'Task not found' } });
    expect((await call('GET', '/api/stories/nothing')).status).toBe(404);
    for (const path of ['story/progress', 'stories', 'task/status']) {
      expect([path, (await call('GET', `/api/${path}/%00`)).status]).toEqual([path, 404]);
    }
    expect((await call('GET', '/api/research/%00/data')).status).toBe(404);
  });

  it('runs once a subject, whoever the player is, and again after its end', async () => {
    const subject = await researched(`twice ${randomUUID()}`);
    const asked = house.models.calls.length;
    house.models.next('hang-mid-stream');
    await create(subject);
    await until(() => house.models.calls.length > asked, { what: 'the model is asked' });
    await until(async () => (await progressOf(subject)).body.status === 'running', { what: 'it runs' });
    await create(subject, 'somebody else');
    const places = house.db.selectFrom('concurrency_queue').select('job_id').where('key', '=', subject);
    expect(await places.execute()).toHaveLength(1);
    const cancel = () => call('DELETE', `/api/task/${subject}/cancel`);
    expect((await whileBusy(cancel, ({ status }) => status)).status).toBe(200);
    expect((await watched(subject)).at(-1)).toMatchObject({
      status: 'error',
      progress: 0,
      message: expect.stringMatching(/./),
    });
    await create(subject, '');
    expect((await watched(subject)).at(-1)).toMatchObject({ status: 'completed', progress: 100 });
  });
});

describe('research', () => {
  it('is listed, read, corrected and sent back as that system has it', async () => {
    const subject = await researched(`mended ${randomUUID()}`);
    expect((await call<string[]>('GET', '/api/research/subjects')).body).toContain(subject);
    const { status, body } = await call<Record<string, unknown>>('GET', `/api/research/${subject}/data`);
    expect(status).toBe(200);
    const mended = { ...body, chain_title: 'The lost lens', facts: undefined, whatever: 1, roleplay: null };
    expect(await call('POST', `/api/research/${subject}/data`, mended)).toEqual({
      status: 200,
      body: { status: 'saved', subject },
    });
    const again = await call<Record<string, unknown>>('GET', `/api/research/${subject}/data`);
    expect(again.body).toMatchObject({ chain_title: 'The lost lens', facts: body['facts'] });
  });

  it('that is not there is 404, and one that cannot be kept is refused', async () => {
    expect((await call('GET', '/api/research/nothing/data')).status).toBe(404);
    expect((await call('POST', '/api/research/nothing/data', {})).status).toBe(404);
    const subject = await researched(`long ${randomUUID()}`);
    const long = { chain_title: 'x'.repeat(10_000) };
    const { status, body } = await call<{ detail: string }>('POST', `/api/research/${subject}/data`, long);
    expect([status, body.detail]).toEqual([422, expect.stringMatching(/title/)]);
  });
});

it('two owners have the same subject, and see nothing of each other', async () => {
  const [anna, ben] = [await makeKey(house.db, 'anna'), await makeKey(house.db, 'ben')];
  const isAsked = async () => (await house.request('GET', '/v1/jobs')).status === 401;
  await until(isAsked, { what: 'the API asks for a key' });
  const subject = `shared ${randomUUID()}`;
  const research = { type: 'researchSubject', input: { subject, text } };
  const keyed = { ...anna.headers, prefer: 'wait=30', 'idempotency-key': randomUUID() };
  const { body } = await whileBusy(
    () => house.request<{ id: string }>('POST', '/v1/jobs', research, keyed),
    ({ status }) => status,
  );
  expect(body.id).toMatch(/^job_/);
  const start = (headers: Record<string, string>) =>
    house.request('POST', '/api/story/create', { subject, player: 'one' }, headers);
  await until(async () => (await start(anna.headers)).status === 200, { what: "anna's story is begun" });
  expect((await start(ben.headers)).status).toBe(400);
  const path = `/api/story/progress/${encodeURIComponent(subject)}`;
  expect((await house.request('GET', path, undefined, ben.headers)).status).toBe(404);
  const ended = async () => {
    const { body: now } = await house.request<Progress>('GET', path, undefined, anna.headers);
    return now.status === 'completed';
  };
  await until(ended, { what: "anna's story is done", limitMs: 100_000 });
});

failOnLeftovers();
