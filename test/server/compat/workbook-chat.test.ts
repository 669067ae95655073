import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import {
  type ChatAnswer,
  type WorkbookClient,
  toJson,
  workbookClient,
} from '../../harness/workbook-client.js';

let house: House;
let client: WorkbookClient;

beforeAll(async () => {
  house = await openHouse({ MODEL: '' });
  await house.startWorker();
  client = workbookClient(house);
});
afterAll(() => house.close());

/** What is sent again takes the place of a plan that a busy machine did not make in time. */
const untilProposed = (send: () => Promise<ChatAnswer>): Promise<ChatAnswer> =>
  until(
    async () => {
      const answer = await send();
      return answer.body.data.requires_confirmation && answer;
    },
    { what: 'a plan is proposed' },
  );

describe('a conversation about a workbook', () => {
  it('goes from an upload to a file that is downloaded, as the documented client drives it', async () => {
    const created = await client.post('/bot/conversations');
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      status_code: 201,
      data: { status: 'created', state: 'idle', participant_name: expect.any(String) },
      meta: { api_version: 'v1', locale: 'en', request_id: expect.any(String) },
    });
    const chat = created.body.data.chat_id;
    expect((await client.upload(chat)).body).toMatchObject({
      status_code: 200,
      data: { filename: 'people.csv', file_path: 'people.csv', requires_confirmation: false },
    });
    let wishes = 0;
    const wish = () => {
      wishes += 1;
      return client.say(chat, 'convert it to JSON');
    };
    expect(await untilProposed(wish)).toMatchObject({
      status: 200,
      body: {
        data: {
          requires_confirmation: true,
          requires_file: false,
          suggested_workflow: [{ operation: 'json/generate', description: expect.any(String) }],
        },
      },
    });
    const confirmed = await client.confirm(chat);
    expect(confirmed).toMatchObject({
      status: 202,
      body: { status_code: 202, data: { status: 'submitted', bot_response: expect.any(String) } },
    });
    const job = confirmed.body.data.job_id;
    expect(job.startsWith(chat)).toBe(true);
    const end = await client.ended(chat, job);
    expect(end).toMatchObject({
      ...{ job_id: job, status: 'completed', error: null, submitted_at: expect.any(String) },
      ...{ started_at: expect.any(String), completed_at: expect.any(String) },
      result: { results: [{ step_id: 'step-1', operation: 'json/generate', status: 'completed' }] },
    });
    const download = await fetch(`${house.url}${end.result?.output_files[0]?.download_url}`);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(await download.json()).toMatchObject([{ name: 'Marta' }, { name: 'Bao' }, { name: 'Ana' }]);
    expect((await house.job(job)).status).toBe('succeeded');
    const late = Array.from({ length: wishes - 1 }, () => ({ status: 'cancelled' }));
    expect(await client.history(chat)).toMatchObject({
      ...{ state: 'completed', jobs: [...late, { job_id: job, status: 'completed' }] },
      files: [{ type: 'uploaded' }, { type: 'output' }],
      workflow_steps: [{ job_id: job, status: 'completed', download_url: expect.any(String) }],
    });
  });

  it('asks for the file where a message comes first, and proposes a plan once it is there', async () => {
    const chat = await client.open();
    expect((await client.say(chat, 'make JSON of it')).body.data).toMatchObject({
      requires_file: true,
      requires_confirmation: false,
    });
    expect((await untilProposed(() => client.upload(chat))).body.data).toMatchObject({
      requires_confirmation: true,
      suggested_workflow: [{ operation: 'json/generate' }],
    });
  });

  it('runs nothing that is declined, and takes a no where nothing waits', async () => {
    const { chat } = await client.proposed();
    for (const _ of [1, 2]) {
      expect(await client.decline(chat)).toMatchObject({
        status: 200,
        body: { data: { bot_response: expect.any(String), output_files: [], results: [] } },
      });
    }
    expect((await client.confirm(chat)).body).toMatchObject({
      status_code: 400,
      data: { bot_response: expect.any(String) },
    });
  });

  it('takes yes, no, cancel and help for what they mean', async () => {
    const { chat, job } = await client.proposed();
    expect((await client.say(chat, 'help')).body.data.bot_response).toMatch(/upload/i);
    expect((await client.say(chat, 'Yes!')).body).toMatchObject({ data: { job_id: job } });
    await client.ended(chat, job);
    expect((await client.say(chat, 'cancel')).body.data.bot_response).toMatch(/nothing runs/i);
    const early = await client.say(await client.open(), 'yes');
    expect([early.status, early.body.data]).toMatchObject([200, { action: 'none', output_files: [] }]);
    const other = await client.proposed();
    await client.say(other.chat, 'no');
    expect(await client.ended(other.chat, other.job)).toMatchObject({ status: 'cancelled' });
  });

  it('replaces a plan that waits by a newer one, whose job ends as declined', async () => {
    const { chat, job } = await client.proposed();
    await client.say(chat, 'JSON again');
    const ended = await house.jobWhen(job, 'the first plan has ended', ({ done }) => done);
    expect(ended).toMatchObject({ status: 'succeeded', result: { decision: 'declined' } });
    expect((await client.status(chat, job)).body.data).toMatchObject({ status: 'cancelled' });
  });

  it('runs a plan of the request where none waits, and refuses one without a file', async () => {
    const chat = await client.open();
    expect((await client.confirm(chat, [toJson])).body).toMatchObject({
      status_code: 400,
      data: { error_type: expect.any(String) },
    });
    await client.upload(chat);
    const { status, body } = await client.confirm(chat, [toJson]);
    expect(status).toBe(202);
    expect(await client.ended(chat, body.data.job_id)).toMatchObject({ status: 'completed' });
  });

  it('points at the step whose column is not in the file, and the plan waits still', async () => {
    const { chat } = await client.proposed();
    const wrong = { operation: 'json/generate', arguments: { columns: ['nobody'] } };
    expect((await client.confirm(chat, [wrong])).body).toMatchObject({
      status_code: 422,
      data: { details: { errors: [{ pointer: '/modified_workflow/0/arguments/columns' }] } },
    });
    // What the run would find is no reason to refuse it.
    const found = { operation: 'json/generate', arguments: { columns: [' NAME'] } };
    const taken = await client.confirm(chat, [found]);
    expect(taken.status).toBe(202);
    expect(await client.ended(chat, taken.body.data.job_id)).toMatchObject({ status: 'completed' });
  });

  it('is deleted with its files, and is not there for other owners of nothing', async () => {
    const { chat, job } = await client.proposed();
    const { body } = await client.remove(chat);
    expect(body).toMatchObject({ status_code: 200, data: { chat_id: chat } });
    expect((await client.status(chat, job)).status).toBe(404);
    expect((await client.ask(`/workflows/${chat}/files/people.csv`)).status).toBe(404);
    expect((await client.remove(chat)).status).toBe(404);
    const ended = await house.jobWhen(job, 'its job has ended', ({ done }) => done);
    expect(ended.status).toBe('cancelled');
  });

  it('lists its operations by intent', async () => {
    const { body } = await client.ask('/bot/operations');
    expect(body.data).toMatchObject({
      total_intents: 8,
      operations: {
        generate_json: expect.arrayContaining([expect.objectContaining({ operation: 'json/generate' })]),
      },
    });
  });

  it('answers what is wrong in its envelope, with a sentence of the bot', async () => {
    const chat = await client.open();
    const { job } = await client.proposed();
    const of = (path: string) => `/bot/conversations/${path}`;
    const unknown = [{ operation: 'x' }];
    const refusals = [
      [await client.say(randomUUID(), 'hello'), 404],
      [await client.say(chat, ' '), 422],
      [await client.post(of(`${chat}/message`)), 422],
      [await client.post(of(`${chat}/message`), '{'), 400],
      [await client.post(of(`${chat}/confirm`)), 422],
      [await client.confirm(chat, unknown), 422],
      [await client.status(chat, 'nothing'), 404],
      // Of another conversation.
      [await client.status(chat, job), 404],
      [await client.ask(`/workflows/${chat}/files/${encodeURIComponent('../../etc/passwd')}`), 404],
      [await client.upload(chat, { text: 'old', name: 'old.xls' }), 415],
      [await client.post('/bot/conversations', { chat_id: chat }), 409],
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
