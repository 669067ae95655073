import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';
import { wavOf } from '../../harness/wav-of.js';

jest.setTimeout(180_000);

/*
 * From RescueBox's document on asynchronous tasks, and from the functions of its page that it prints: `handleRunCommand`
 * and `pollForResult`, which stops at anything but a status that holds "PENDING", and throws what is no answer.
 */

interface Root {
  title?: string;
  value?: string;
  output_type?: string;
  texts?: { title: string; value: string; subtitle: string | null }[];
}

interface Answer {
  root: Root;
  title?: string;
  value?: string;
  detail?: string;
}

let house: House;
let place: string;
const summarize = '/text_summarization/summarize';

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'longhaul-services-'));
  const root = join(place, 'in');
  await mkdir(join(root, 'texts', 'deep'), { recursive: true });
  await mkdir(join(root, 'sounds'));
  await mkdir(join(root, 'broken'));
  await mkdir(join(root, 'empty'));
  await mkdir(join(place, 'in-beside'));
  await writeFile(join(root, 'texts', 'a.md'), '# Alpha\n\nThe first text.');
  await writeFile(join(root, 'texts', 'b.TXT'), '\u{feff}The second text.');
  await writeFile(join(root, 'texts', 'deep', 'latin.txt'), Buffer.from('Caf\u{e9} at noon.', 'latin1'));
  await writeFile(
    join(root, 'texts', 'letter.pdf'),
    await readFile(join(import.meta.dirname, '../../../../samples/texts/keepers-letter.pdf')),
  );
  await writeFile(join(root, 'texts', 'ignored.json'), '{}');
  await writeFile(join(root, 'texts', 'z-broken.pdf'), '%PDF-1.4 and no more');
  await writeFile(join(root, 'broken', 'one.pdf'), 'no pdf');
  await writeFile(join(root, 'broken', 'two.txt'), Buffer.from([1, 0, 2, 0]));
  await writeFile(join(place, 'in-beside', 'secret.txt'), 'secret');
  await symlink(join(place, 'in-beside'), join(root, 'away'));
  await writeFile(join(root, 'sounds', 'a.wav'), wavOf(2.5));
  await writeFile(join(root, 'sounds', 'b.WAV'), wavOf(1));
  await writeFile(join(root, 'sounds', 'c.mp3'), 'no audio');
  await writeFile(join(root, 'sounds', 'd.flac'), wavOf(1));
  house = await openHouse({ INPUT_ROOT: root, OUTPUT_ROOT: join(place, 'out') });
  await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await rm(place, { recursive: true });
});

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`${house.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Answer };
}

/** A server that is busy with other tests may say so, and is asked again. */
const run = (rule: string, body: unknown): Promise<{ status: number; body: Answer }> =>
  until(
    async () => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await ask(rule, { method: 'POST', headers, body: JSON.stringify(body) });
      return answer.status !== 503 && answer;
    },
    { what: `${rule} answers` },
  );

const started = async (inputs: object, parameters?: object): Promise<string> => {
  const { status, body } = await run(summarize, { inputs, ...(parameters ? { parameters } : {}) });
  expect(body.root.title).toBe('task_id');
  expect(status).toBe(202);
  return body.root.value ?? '';
};

/** As that page polls: an answer that is no 2xx is an error, and what is not "PENDING" is the end. */
const polled = (id: string, rule = summarize): Promise<Answer> =>
  until(
    async () => {
      const { status, body } = await ask(`${rule}/result/${id}`);
      if (status === 503) return false;
      expect(status).toBe(200);
      if (body.root.title !== 'status') return body;
      expect(body).toEqual({
        root: { title: 'status', value: 'Task status: PENDING' },
        title: 'status',
        value: 'Task status: PENDING',
      });
      return false;
    },
    { what: `${id} ends` },
  );

describe('a service that is a job', () => {
  it('is started, polled and answered with a text for each file, of which some may have failed', async () => {
    const { status, body } = await run(summarize, {
      inputs: { input_dir: { path: 'texts' }, output_dir: { path: 'sums' } },
      parameters: {},
    });
    expect(status).toBe(202);
    const value = body.root.value ?? '';
    expect(body).toEqual({ root: { title: 'task_id', value }, title: 'task_id', value });

    const answer = await polled(value);
    const texts = answer.root.texts ?? [];
    expect(answer).toEqual({ root: { output_type: 'batchtext', texts } });
    expect(texts.map(({ title, subtitle }) => [title, subtitle])).toEqual([
      ['texts/a.md', 'sums/a.md.txt'],
      ['texts/b.TXT', 'sums/b.TXT.txt'],
      ['texts/deep/latin.txt', 'sums/deep/latin.txt.txt'],
      ['texts/letter.pdf', 'sums/letter.pdf.txt'],
      ['texts/z-broken.pdf', 'failed'],
    ]);
    expect(texts[0]?.value).toContain('The first text.');
    expect(texts[1]?.value).toContain('The second text.');
    expect(texts[2]?.value).toContain('Caf\u{e9} at noon.');
    expect(texts[3]?.value).toContain('A new gear costs 640 crowns');
    expect(texts[4]?.value).toMatch(/^Summary failed: The PDF is damaged/);
    expect(await readFile(join(place, 'out', 'sums/a.md.txt'), 'utf8')).toBe(`${texts[0]?.value}\n`);

    const job = await house.job(value);
    expect(job).toMatchObject({ type: 'summariseFolder', status: 'succeeded', partial: true });
    expect(job.result).toMatchObject({ summarised: 4, failed: 1, provider: 'openai/answer' });
  });

  it('writes over no file of an earlier run', async () => {
    await mkdir(join(place, 'out', 'kept'), { recursive: true });
    await writeFile(join(place, 'out', 'kept', 'a.md.txt'), 'mine');
    await polled(
      await started({ input_dir: { path: 'texts' }, output_dir: { path: join(place, 'out/kept') } }),
    );
    expect(await readFile(join(place, 'out', 'kept', 'a.md.txt'), 'utf8')).toBe('mine');
    expect(await readdir(join(place, 'out', 'kept'))).toContain('a.md-2.txt');
  });

  it('that fails ends the polling with a sentence', async () => {
    const answer = await polled(await started({ input_dir: { path: 'broken' } }));
    const value = answer.root.value ?? '';
    expect(answer).toEqual({ root: { title: 'error', value }, title: 'error', value });
    expect(value).toMatch(/^Task failed: The PDF is damaged/);
  });

  it('that is cancelled ends the polling too', async () => {
    const asked = house.models.calls.length;
    house.models.next('hang-mid-stream');
    const id = await started({ input_dir: { path: 'texts' } }, { concurrency: '1' });
    await until(() => house.models.calls.length > asked, { what: 'the model is asked' });
    const read = () => ask(`${summarize}/result/${id}`);
    const { status, body } = await whileBusy(read, (answer) => answer.status);
    expect([status, body.root.title]).toEqual([200, 'status']);
    const cancel = () => house.request('POST', `/v1/jobs/${id}/cancel`, {});
    expect([200, 202]).toContain((await whileBusy(cancel, (answer) => answer.status)).status);
    const answer = await polled(id);
    expect(answer.root.title).toBe('error');
    expect(answer.root.value).toMatch(/^Task failed: ./);
  });

  it('knows no task of another type, owner or nobody: never "PENDING"', async () => {
    const other: Job = await house.submitJob('ask', { prompt: 'Hello' });
    for (const id of [other.id, `job_${randomUUID()}`, 'x', '..%2f..', 'PENDING']) {
      const { status, body } = await ask(`${summarize}/result/${id}`);
      const detail = 'There is no task with this id here.';
      expect([status, body]).toEqual([404, { detail, root: { title: 'error', value: detail } }]);
    }
  });

  it.each<[unknown, RegExp]>([
    [{ inputs: { input_dir: { path: 'away' } } }, /There is no folder "away" below INPUT_ROOT/],
    [{ inputs: { input_dir: { path: '../in-beside' } } }, /There is no folder .* below INPUT_ROOT/],
    [{ inputs: { input_dir: { path: 'nowhere' } } }, /There is no folder "nowhere" below INPUT_ROOT/],
    [{ inputs: { input_dir: { path: '/etc' } } }, /There is no folder "\/etc" below INPUT_ROOT/],
    [{ inputs: { input_dir: { path: 'empty' } } }, /The folder "empty" has no file that ends in/],
    [{ inputs: { input_dir: { path: 'texts' }, output_dir: { path: '/etc' } } }, /below OUTPUT_ROOT/],
    [{ inputs: { input_dir: { path: 'texts' } }, parameters: { model: 'openai/other' } }, /not offered/],
    [{ inputs: { input_dir: { path: 'texts' } }, parameters: { concurrency: 0 } }, /concurrency/],
    [{ inputs: { input_dir: { path: 'texts' }, ouput_dir: { path: 'x' } } }, /"ouput_dir" is not known here/],
    [{ inputs: { input_dir: {} } }, /input_dir/],
    [{ inputs: {} }, /input_dir/],
    [{}, /inputs/],
    [[], /./],
  ])('refuses %j in a sentence', async (given, sentence) => {
    const { status, body } = await run(summarize, given);
    expect(status).toBe(422);
    const { detail = '' } = body;
    expect(detail).toMatch(sentence);
    expect(body).toEqual({ detail, root: { title: 'error', value: detail } });
  });

  it('refuses what is no JSON in the same form', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const { status, body } = await ask(summarize, { method: 'POST', headers, body: '{' });
    expect(status).toBe(400);
    expect(body.detail).toBeTruthy();
  });
});

describe('a service that is no job', () => {
  it('answers at once with the duration and the codec of each file', async () => {
    const { status, body } = await run('/audio/inspect', { inputs: { input_dir: { path: 'sounds' } } });
    expect(status).toBe(200);
    expect(body.root).toMatchObject({
      output_type: 'batchtext',
      texts: [
        { title: 'sounds/a.wav', value: '2.5 seconds', subtitle: 'PCM' },
        { title: 'sounds/b.WAV', value: '1 seconds', subtitle: 'PCM' },
        { title: 'sounds/c.mp3', value: expect.stringMatching(/^Inspection failed: ./), subtitle: 'failed' },
        { title: 'sounds/d.flac', value: expect.stringMatching(/^Inspection failed: ./), subtitle: 'failed' },
      ],
    });
  });

  it.each([['texts'], ['away'], ['nowhere'], [undefined]])('refuses the folder %p', async (folder) => {
    const { status, body } = await run('/audio/inspect', { inputs: { input_dir: { path: folder } } });
    expect(status).toBe(422);
    expect(body.root).toEqual({ title: 'error', value: body.detail });
  });
});

describe('whoever looks for services', () => {
  const read = async (path: string): Promise<unknown> => (await ask(path)).body;

  it('finds those of a plugin', async () => {
    expect(await read('/text_summarization/api/routes')).toEqual([
      {
        task_schema: `${summarize}/task_schema`,
        run_task: summarize,
        short_title: 'Summarise a folder',
        order: 0,
      },
    ]);
    const audio = (await read('/audio/api/routes')) as { run_task: string; order: number }[];
    expect(audio.map(({ run_task }) => run_task)).toContain('/audio/inspect');
    expect(audio.map(({ order }) => order)).toEqual([...audio.keys()]);
  });

  it('finds the path of each in the list of job types', async () => {
    const { items } = (await read('/v1/job-types')) as { items: { name: string; service: string | null }[] };
    const paths = new Map(items.map(({ name, service }) => [name, service]));
    expect(paths.get('summariseFolder')).toBe(summarize);
    expect(paths.get('transcribeFolder')).toBe('/audio/transcribe');
    expect(paths.get('ask')).toBeNull();
  });

  it('is told what a plugin is', async () => {
    expect(await read('/text_summarization/api/app_metadata')).toEqual({
      info: expect.stringContaining('Summarise a folder'),
      author: 'Longhaul',
      version: expect.any(String),
      name: 'Text summarization',
      plugin_name: 'text_summarization',
      gpu: false,
    });
  });

  it('is given what a form is built from', async () => {
    const schema = (await read(`${summarize}/task_schema`)) as Record<string, unknown>;
    const named = { label: expect.any(String), subtitle: expect.any(String) };
    expect(schema).toEqual({
      inputs: [
        { key: 'input_dir', ...named, input_type: 'directory' },
        { key: 'output_dir', ...named, input_type: 'directory' },
      ],
      parameters: [
        {
          key: 'model',
          ...named,
          value: {
            parameter_type: 'enum',
            enum_vals: [{ key: 'openai/answer', label: 'openai/answer' }],
            message_when_empty: expect.any(String),
            default: 'openai/answer',
          },
        },
        {
          key: 'concurrency',
          ...named,
          value: { parameter_type: 'ranged_int', range: { min: 1, max: 20 }, default: 5 },
        },
      ],
    });
  });

  it('sees that the process lives', async () => {
    for (const path of ['/probes/liveness/', '/probes/liveness']) {
      expect((await ask(path)).status).toBe(200);
    }
  });
});

failOnLeftovers();
