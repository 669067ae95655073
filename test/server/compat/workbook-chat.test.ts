import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ CHAT_SOCKET_PORT: '0', MODEL: '' });
  await house.startWorker();
});
afterAll(() => house.close());

const base = '/api/v1/chat';
const people = 'name,city\nMarta,Lyon\nBao,Nice\nAna,Lyon\n';

interface Envelope<T = Record<string, any>> {
  data: T;
  message: string;
  meta: Record<string, string>;
  status_code: number;
  total: number;
  error?: string;
}

/** As the documented client sends it: no Content-Type, or that of a text. */
async function post(path: string, body?: unknown): Promise<{ status: number; body: Envelope }> {
  const response = await fetch(`${house.url}${base}${path}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Envelope };
}

async function get(path: string): Promise<{ status: number; body: Envelope }> {
  const response = await fetch(`${house.url}${base}${path}`);
  return { status: response.status, body: (await response.json()) as Envelope };
}

async function upload(chat: string, text = people, name = 'people.csv') {
  const form = new FormData();
  form.set('file', new Blob([text], { type: 'text/csv' }), name);
  const path = `${house.url}${base}/bot/conversations/${chat}/upload`;
  const response = await fetch(path, { method: 'POST', body: form });
  return { status: response.status, body: (await response.json()) as Envelope };
}

const open = async (): Promise<string> => (await post('/bot/conversations')).body.data['chat_id'] as string;

const statusOf = async (chat: string, job: string): Promise<Record<string, any>> =>
  (await get(`/bot/conversations/${chat}/workflow/status/${job}`)).body.data;

const ended = (chat: string, job: string) =>
  until(
    async () => {
      const data = await statusOf(chat, job);
      return ['completed', 'failed', 'cancelled'].includes(data['status'] as string) ? data : false;
    },
    { what: 'the plan has ended' },
  );

const proposed = async (): Promise<string> => {
  const chat = await open();
  await upload(chat);
  const { body } = await post(`/bot/conversations/${chat}/message`, { message: 'convert it to JSON' });
  expect(body.data).toEqual(expect.objectContaining({ requires_confirmation: true }));
  return chat;
};

const toJson = { operation: 'json/generate', arguments: { columns: ['name'] } };

describe('a conversation about a workbook', () => {
  it('goes from an upload to a file that is downloaded, as the documented client drives it', async () => {
    const created = await post('/bot/conversations');
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      status_code: 201,
      data: { status: 'created', state: 'idle', participant_name: expect.any(String) },
      meta: { api_version: 'v1', locale: 'en', request_id: expect.any(String) },
    });
    const chat = created.body.data['chat_id'] as string;
    expect((await upload(chat)).body).toMatchObject({
      status_code: 200,
      data: { filename: 'people.csv', file_path: 'people.csv', requires_confirmation: false },
    });
    const asked = await post(`/bot/conversations/${chat}/message`, { message: 'convert it to JSON' });
    expect(asked).toMatchObject({
      status: 200,
      body: {
        data: {
          requires_confirmation: true,
          requires_file: false,
          suggested_workflow: [{ operation: 'json/generate', description: expect.any(String) }],
        },
      },
    });
    const confirmed = await post(`/bot/conversations/${chat}/confirm`, { confirmed: true });
    expect(confirmed).toMatchObject({
      status: 202,
      body: { status_code: 202, data: { status: 'submitted' } },
    });
    const job = confirmed.body.data['job_id'] as string;
    expect(job.startsWith(chat)).toBe(true);
    const end = await ended(chat, job);
    expect(end).toMatchObject({ job_id: job, status: 'completed', error: null });
    const [file] = end['result'].output_files as { download_url: string }[];
    const download = await fetch(`${house.url}${file?.download_url}`);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(JSON.parse(await download.text())).toMatchObject([
      { name: 'Marta' },
      { name: 'Bao' },
      { name: 'Ana' },
    ]);
    expect((await house.job(job)).status).toBe('succeeded');
  });

  it('asks for the file where a message comes first, and proposes a plan once it is there', async () => {
    const chat = await open();
    const asked = await post(`/bot/conversations/${chat}/message`, { message: 'make JSON of it' });
    expect(asked.body.data).toMatchObject({ requires_file: true, requires_confirmation: false });
    expect((await upload(chat)).body.data).toMatchObject({
      requires_confirmation: true,
      suggested_workflow: [{ operation: 'json/generate' }],
    });
  });

  it('runs nothing that is declined, and takes a no where nothing waits', async () => {
    const chat = await proposed();
    for (const _ of [1, 2]) {
      expect(await post(`/bot/conversations/${chat}/confirm`, { confirmed: false })).toMatchObject({
        status: 200,
        body: { data: { bot_response: expect.any(String), output_files: [], results: [] } },
      });
    }
    const { body } = await post(`/bot/conversations/${chat}/confirm`, { confirmed: true });
    expect(body).toMatchObject({ status_code: 400, data: { bot_response: expect.any(String) } });
  });

  it('replaces a plan that waits by a newer one, whose job ends as declined', async () => {
    const chat = await proposed();
    const [first] = (await get(`/bot/conversations/${chat}/history`)).body.data['jobs'] as {
      job_id: string;
    }[];
    await post(`/bot/conversations/${chat}/message`, { message: 'JSON again' });
    const job = await house.jobWhen(first?.job_id ?? '', 'the first plan has ended', ({ done }) => done);
    expect(job).toMatchObject({ status: 'succeeded', result: { decision: 'declined' } });
    expect(await statusOf(chat, job.id)).toMatchObject({ status: 'cancelled' });
  });

  it('runs a plan of the request where none waits, and refuses one without a file', async () => {
    const chat = await open();
    const confirm = () =>
      post(`/bot/conversations/${chat}/confirm`, { confirmed: true, modified_workflow: [toJson] });
    expect((await confirm()).body).toMatchObject({
      status_code: 400,
      data: { error_type: expect.any(String) },
    });
    await upload(chat);
    const { status, body } = await confirm();
    expect(status).toBe(202);
    expect(await ended(chat, body.data['job_id'])).toMatchObject({ status: 'completed' });
  });

  it('is the same job whoever confirms one plan at once, and whoever confirms it again', async () => {
    const chat = await proposed();
    const confirm = () => post(`/bot/conversations/${chat}/confirm`, { confirmed: true });
    const answers = await Promise.all([confirm(), confirm(), confirm()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const ids = new Set(answers.map(({ body }) => body.data['job_id'] as string));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect(await ended(chat, id)).toMatchObject({ status: 'completed' });
    expect((await confirm()).body.data['job_id']).toBe(id);
  });

  it('points at the step whose column is not in the file, and the plan waits still', async () => {
    const chat = await proposed();
    const wrong = { operation: 'json/generate', arguments: { columns: ['nobody'] } };
    const path = `/bot/conversations/${chat}/confirm`;
    const refused = await post(path, { confirmed: true, modified_workflow: [wrong] });
    expect(refused.body).toMatchObject({
      status_code: 422,
      data: { details: { errors: [{ pointer: '/modified_workflow/0/arguments/columns' }] } },
    });
    expect((await post(path, { confirmed: true, modified_workflow: [toJson] })).status).toBe(202);
  });

  it('answers what is wrong in its envelope, with a sentence of the bot', async () => {
    const chat = await open();
    const of = (path: string) => `/bot/conversations/${path}`;
    const refusals = [
      [await post(of(`${randomUUID()}/message`), { message: 'hello' }), 404],
      [await post(of(`${chat}/message`), { message: ' ' }), 422],
      [await post(of(`${chat}/message`)), 422],
      [await post(of(`${chat}/message`), '{'), 400],
      [await post(of(`${chat}/confirm`)), 422],
      [await post(of(`${chat}/confirm`), { confirmed: true, modified_workflow: [{ operation: 'x' }] }), 422],
      [await get(of(`${chat}/workflow/status/nothing`)), 404],
      [await get(`/workflows/${chat}/files/${encodeURIComponent('../../etc/passwd')}`), 404],
      [await upload(chat, 'old', 'old.xls'), 415],
    ] as const;
    for (const [{ status, body }, expected] of refusals) {
      expect(status).toBe(expected);
      expect(body).toMatchObject({
        status_code: expected,
        error: expect.any(String),
        data: {
          error_type: expect.any(String),
          details: expect.anything(),
          bot_response: expect.any(String),
        },
      });
    }
  });
});

failOnLeftovers();
