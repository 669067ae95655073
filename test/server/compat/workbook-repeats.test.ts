import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createWorkbookRecords } from '../../../store/workbook-records.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';
import {
  type ChatAnswer,
  type ChatData,
  type WorkbookClient,
  toJson,
  workbookClient,
} from '../../harness/workbook-client.js';
import type { WorkerProcess } from '../../harness/worker-process.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

/** Between the API and Temporal. */
let proxy: TcpProxy;
let house: House;
let client: WorkbookClient;
/** Takes a 503 for an answer. */
let hasty: WorkbookClient;

const startWorker = (): Promise<WorkerProcess> => house.startWorker({ TEMPORAL_ADDRESS: temporalAddress() });

beforeAll(async () => {
  const { hostname, port } = new URL(`http://${temporalAddress()}`);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  house = await openHouse({ MODEL: '', TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}` });
  await startWorker();
  client = workbookClient(house);
  hasty = workbookClient(house, { asksAgain: false });
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await house.close();
  await proxy.close();
});

/** Asks again until it is not 503: a connection takes a moment to come back. */
const untilTaken = (ask: () => Promise<ChatAnswer>) =>
  until(
    async () => {
      const answer = await ask();
      return answer.status !== 503 && answer;
    },
    { what: 'the request is taken' },
  );
const confirm = (chat: string, plan?: object[]) => untilTaken(() => client.confirm(chat, plan));
/** It reads the jobs too, so that it needs Temporal. */
const historyOf = (chat: string): Promise<ChatData> =>
  until(
    async () => {
      const data = await client.history(chat);
      return Array.isArray(data.files) && data;
    },
    { what: 'the history is read' },
  );
const namesOf = async (chat: string, type = 'uploaded') =>
  (await historyOf(chat)).files.filter((file) => file.type === type).map(({ filename }) => filename);
const force = async (job: string) => {
  const cancel = () => house.request('POST', `/v1/jobs/${job}/cancel`, { mode: 'force' });
  await until(async () => (await cancel()).status !== 503, { what: 'the cancel is taken' });
  await house.jobWhen(job, 'the job has ended', ({ done }) => done);
};

/** Uploads until the answer has a plan: a busy machine may take longer than a request waits for one. */
const planOfUpload = (chat: string, name: string): Promise<ChatAnswer['body']> =>
  until(
    async () => {
      const { body } = await client.upload(chat, { name });
      return body.data.requires_confirmation && body;
    },
    { what: 'the upload has a plan' },
  );

describe('what was answered as failed', () => {
  it('is an upload that can be sent again, is there once, and gets the plan that was asked for', async () => {
    const chat = await client.open();
    expect((await client.say(chat, 'make JSON of it')).body.data.requires_file).toBe(true);
    proxy.cut();
    expect((await hasty.upload(chat)).status).toBe(503);
    proxy.restore();
    const body = await planOfUpload(chat, 'people.csv');
    expect(body.data.suggested_workflow).toMatchObject([{ operation: 'json/generate' }]);
    expect(await namesOf(chat)).toEqual(['people.csv']);
    expect((await house.request<{ items: object[] }>('GET', '/v1/files')).body.items).toHaveLength(1);
    const second = await untilTaken(() => client.upload(chat, { text: 'name\nZoe\n' }));
    expect([second.body.data.file_path, await namesOf(chat)]).toEqual([
      'people (2).csv',
      ['people.csv', 'people (2).csv'],
    ]);
  });

  it('is a wish that is carried out with the next upload, if it is not said again', async () => {
    const chat = await client.open();
    await client.upload(chat);
    proxy.cut();
    expect((await hasty.say(chat, 'make JSON of it')).status).toBe(503);
    proxy.restore();
    const body = await planOfUpload(chat, 'others.csv');
    expect(body.data.suggested_workflow).toMatchObject([{ operation: 'json/generate' }]);
  });

  it('is a deletion that has taken nothing away, and can be asked for again', async () => {
    const { chat, job } = await client.proposed();
    proxy.cut();
    expect((await hasty.remove(chat)).status).toBe(503);
    proxy.restore();
    expect(await namesOf(chat)).toEqual(['people.csv']);
    expect((await untilTaken(() => client.remove(chat))).status).toBe(200);
    expect((await house.jobWhen(job, 'its job has ended', ({ done }) => done)).status).toBe('cancelled');
  });
});

describe('a plan that has ended by itself', () => {
  it('is not in the way of one that is sent along with the confirm', async () => {
    const { chat, job } = await client.proposed();
    await force(job);
    const { status, body } = await confirm(chat, [toJson]);
    expect([status, body.data.job_id === job]).toEqual([202, false]);
    expect(await client.ended(chat, body.data.job_id)).toMatchObject({ status: 'completed' });
  });

  it('is told as such where a confirm sends none', async () => {
    const { chat, job } = await client.proposed();
    await force(job);
    expect((await confirm(chat)).status).toBe(400);
    expect((await historyOf(chat)).state).not.toBe('awaiting_confirmation');
  });

  it('and a confirm with a plan at the same moment come to one plan that is run', async () => {
    for (const _ of [1, 2, 3]) {
      const { chat, job } = await client.proposed();
      const [{ status, body }] = await Promise.all([confirm(chat, [toJson]), force(job)]);
      expect(status).toBe(202);
      const end = await client.ended(chat, body.data.job_id);
      // The one that was ended by force may have taken the confirm before, and even have run.
      expect(body.data.job_id === job ? ['failed', 'completed'] : ['completed']).toContain(end.status);
    }
  });
});

describe('a confirm that is repeated', () => {
  it('runs the same job on the same file, also while another file comes in', async () => {
    const chat = await client.open();
    await client.upload(chat);
    const first = (await confirm(chat, [toJson])).body.data.job_id;
    const form = { method: 'POST', body: 'name\nZoe\n' };
    const { id } = (await (await fetch(`${house.url}/v1/files?name=new.csv`, form)).json()) as { id: string };
    // As far as an upload has come before anything else is said of it.
    await createWorkbookRecords(house.db).addFile({ owner: 'local', chat }, { fileId: id, name: 'new.csv' });
    for (const plan of [undefined, [toJson], [{ ...toJson, description: 'Said otherwise.' }]]) {
      expect((await confirm(chat, plan)).body.data.job_id).toBe(first);
    }
    const end = await client.ended(chat, first);
    const made = await fetch(`${house.url}${end.result?.output_files[0]?.download_url}`);
    expect(await made.json()).toHaveLength(3);
  });

  it('starts a job that was decided on and never came to be, as it was decided', async () => {
    const chat = await client.open();
    await client.upload(chat);
    proxy.cut();
    const { status, body } = await hasty.confirm(chat, [toJson]);
    expect([status, body.data.error_type]).toEqual([503, expect.any(String)]);
    proxy.restore();
    const again = await untilTaken(() => client.confirm(chat, [toJson]));
    expect(await client.ended(chat, again.body.data.job_id)).toMatchObject({ status: 'completed' });
  });

  it('with the plan that was proposed is the same job', async () => {
    const { chat, job } = await client.proposed();
    const proposed = (await historyOf(chat)).messages.flatMap(
      ({ metadata }) => metadata.suggested_workflow ?? [],
    );
    expect((await confirm(chat)).body.data.job_id).toBe(job);
    expect((await confirm(chat, proposed)).body.data.job_id).toBe(job);
    await client.ended(chat, job);
  });
});

describe('a confirm and an upload at the same moment', () => {
  it('come to a plan that is run on one of the two files', async () => {
    for (const _ of [1, 2, 3]) {
      const { chat, job } = await client.proposed();
      const [confirmed, uploaded] = await Promise.all([
        confirm(chat),
        untilTaken(() => client.upload(chat, { text: 'name,city\nZoe,Rome\n', name: 'new.csv' })),
      ]);
      expect([confirmed.status, uploaded.status]).toEqual([202, 200]);
      const end = await client.ended(chat, job);
      const made = await fetch(`${house.url}${end.result?.output_files[0]?.download_url}`);
      expect([1, 3]).toContain(((await made.json()) as object[]).length);
    }
  });
});

it('plans that are confirmed while no worker is there run in the order of their confirms', async () => {
  const own = await openHouse({ MODEL: '', CHAT_CONCURRENCY: '2' });
  try {
    const person = workbookClient(own);
    const chats = await Promise.all([1, 2, 3].map(() => person.open()));
    const jobs = await Promise.all(
      chats.map(async (chat) => {
        await person.upload(chat);
        const of = [];
        for (const name of ['a', 'b', 'c']) {
          const plan = { ...toJson, arguments: { column_mapping: { name } } };
          of.push(
            (
              await whileBusy(
                () => person.confirm(chat, [plan]),
                ({ status }) => status,
              )
            ).body.data.job_id,
          );
        }
        return { chat, of };
      }),
    );
    await own.startWorker();
    for (const { chat, of } of jobs) {
      for (const job of of) expect(await person.ended(chat, job)).toMatchObject({ status: 'completed' });
      const begun = await Promise.all(
        of.map(async (job) => (await person.status(chat, job)).body.data.started_at),
      );
      expect(begun).toEqual(begun.map(String).toSorted());
    }
  } finally {
    await own.close();
  }
});

failOnLeftovers();
