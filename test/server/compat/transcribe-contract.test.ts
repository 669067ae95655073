import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type TranscriptionServer,
  spokenIn,
  startTranscriptionServer,
} from '../../../scripts/stand-ins/transcription-server.js';
import { wav } from '../../harness/audio.js';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

/*
 * The rows of RescueBox's contract of `/audio/transcribe`, as its document on asynchronous tasks has them, and its
 * page's two functions, `handleRunCommand` and `pollForResult`.
 */

interface Answer {
  root: { title?: string; value?: string; output_type?: string; texts?: Text[] };
  title?: string;
  value?: string;
  detail?: string;
}

interface Text {
  title: string;
  value: string;
  subtitle: string | null;
}

const endpoint = '/audio/transcribe';
const sounds = { first: wav({ tone: 300 }), second: wav({ tone: 310 }), silence: wav({ tone: 0 }) };

let house: House;
let transcriber: TranscriptionServer;
let place: string;
let ann: TestKey;
let bob: TestKey;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'longhaul-contract-'));
  const folders: Record<string, Record<string, Buffer | string>> = {
    mixed: {
      'b.WAV': sounds.second,
      'deep/a.wav': sounds.first,
      'c.flac': 'no sound',
      'd.wav': sounds.silence,
    },
    hanging: { 'hang.wav': wav({ tone: 320 }) },
    damaged: { 'PENDING.wav': 'no sound' },
    talk: Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`t${n}.wav`, wav({ tone: 400 + n })])),
    empty: { 'notes.txt': 'no audio' },
  };
  for (const [folder, files] of Object.entries(folders)) {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(place, 'in', folder, name, '..'), { recursive: true });
      await writeFile(join(place, 'in', folder, name), content);
    }
  }
  await mkdir(join(place, 'in-beside'));
  await writeFile(join(place, 'in-beside', 'a.wav'), sounds.first);
  await symlink(join(place, 'in-beside'), join(place, 'in', 'away'));
  transcriber = await startTranscriptionServer();
  house = await openHouse({
    INPUT_ROOT: join(place, 'in'),
    TRANSCRIBE_BASE_URL: transcriber.url,
    TRANSCRIBE_TIMEOUT: '60',
  });
  [ann, bob] = await Promise.all([makeKey(house.db, 'ann'), makeKey(house.db, 'bob')]);
  await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await transcriber.close();
  await rm(place, { recursive: true });
});

/** One that is busy with other tests may say so, and is asked again. */
const ask = (
  path: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  key: TestKey = ann,
) =>
  until(
    async () => {
      const response = await fetch(`${house.url}${path}`, {
        ...init,
        headers: { ...init.headers, ...key.headers },
      });
      if (response.status === 503) return false;
      return { status: response.status, body: (await response.json()) as Answer };
    },
    { what: `${path} answers` },
  );
const post = (body: unknown) =>
  ask(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const both = (title: string, value: string) => ({ root: { title, value }, title, value });

/** @returns the id of the task */
async function start(path: string, parameters?: object): Promise<string> {
  const { status, body } = await post({ inputs: { input_dir: { path } }, ...(parameters && { parameters }) });
  const id = body.root.value ?? '';
  expect({ status, body }).toEqual({ status: 202, body: both('task_id', id) });
  expect(id).not.toBe('');
  return id;
}

/** `pollForResult`, with what it shows as what it returns. It waits 5 s between two requests there. */
async function pollForResult(resultUrl: string): Promise<Answer> {
  for (;;) {
    const { status, body } = await ask(resultUrl);
    if (status < 200 || status > 299) throw new Error(`Polling Error: ${status}`);
    const { title, value } = body.root;
    if (!(title === 'status' && value?.includes('PENDING'))) return body;
    await pause(50);
  }
}

/** `handleRunCommand`. */
const runCommand = async (path: string) => pollForResult(`${endpoint}/result/${await start(path)}`);

describe('POST /audio/transcribe', () => {
  it.each<[string, unknown]>([
    ['a folder outside', { inputs: { input_dir: { path: '/etc' } } }],
    ['a folder beside, whose name begins alike', { inputs: { input_dir: { path: '../in-beside' } } }],
    ['a folder behind a link', { inputs: { input_dir: { path: 'away' } } }],
    ['a folder that is not there', { inputs: { input_dir: { path: 'nowhere' } } }],
    ['a folder without audio', { inputs: { input_dir: { path: 'empty' } } }],
    ['no folder', { inputs: {} }],
    ['no inputs', {}],
    ['no text of a path', { inputs: { input_dir: { path: 7 } } }],
    [
      'a parameter out of its range',
      { inputs: { input_dir: { path: 'mixed' } }, parameters: { concurrency: 99 } },
    ],
  ])('refuses %s in a sentence, where clients look for it', async (_, body) => {
    const { status, body: answer } = await post(body);
    expect(status).toBe(422);
    expect(answer.detail).toMatch(/^[A-Z].+\.$/);
    expect(answer).toEqual({ detail: answer.detail, root: { title: 'error', value: answer.detail } });
  });

  it('says the same of what lies outside and of what is not there', async () => {
    const said = await Promise.all(
      ['/etc', 'nowhere', 'away'].map(async (path) => {
        const { body } = await post({ inputs: { input_dir: { path } } });
        return body.detail?.replace(JSON.stringify(path), '');
      }),
    );
    expect(new Set(said).size).toBe(1);
  });
});

describe('GET /audio/transcribe/result/{id}', () => {
  it('says exactly "Task status: PENDING" while it runs, and an error once it is cancelled', async () => {
    const id = await start('hanging');
    await until(() => transcriber.calls.some(({ name }) => name === 'hang.wav'), { what: 'it is under way' });
    expect(await ask(`${endpoint}/result/${id}`)).toEqual({
      status: 200,
      body: both('status', 'Task status: PENDING'),
    });
    await ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    const end = await pollForResult(`${endpoint}/result/${id}`);
    expect(end).toEqual(both('error', end.value ?? ''));
    expect(end.value).toMatch(/^Task failed: [A-Z].+\.$/);
  });

  it('answers a text for each file, with one that failed among them', async () => {
    expect(await runCommand('mixed')).toEqual({
      root: {
        output_type: 'batchtext',
        texts: [
          { title: 'mixed/b.WAV', value: spokenIn(sounds.second), subtitle: null },
          {
            title: 'mixed/c.flac',
            value: expect.stringMatching(/^Transcription failed: .+\.$/),
            subtitle: 'failed',
          },
          { title: 'mixed/d.wav', value: '', subtitle: null },
          { title: 'mixed/deep/a.wav', value: spokenIn(sounds.first), subtitle: null },
        ],
      },
    });
  });

  it('ends the polling when all has failed, also where the sentence holds the word "PENDING"', async () => {
    const end = await runCommand('damaged');
    expect(end).toEqual(both('error', end.value ?? ''));
    expect(end.value).toMatch(/^Task failed: .*PENDING/);
  });

  it('answers all that was said where a result has only the beginning of it', async () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) transcriber.treat(`t${n}.wav`, 'two-hours');
    const id = await start('talk');
    const { root, ...rest } = await pollForResult(`${endpoint}/result/${id}`);
    expect({ type: root.output_type, rest }).toEqual({ type: 'batchtext', rest: {} });
    const said = (n: number) => `${spokenIn(wav({ tone: 400 + n }))} `.repeat(5_000).trim();
    expect(root.texts).toHaveLength(9);
    for (const [index, { title, value, subtitle }] of (root.texts ?? []).entries()) {
      expect({ title, subtitle }).toEqual({ title: `talk/t${index + 1}.wav`, subtitle: null });
      // Of texts of this length nobody wants to read the difference.
      expect(value === said(index + 1)).toBe(true);
    }
    const { body } = await ask(`/v1/jobs/${id}/result`);
    const result = body as unknown as { texts: Text[]; textsFile: string };
    expect(result.texts[0]?.value).toMatch(/^Words of .*…$/s);
    expect(JSON.stringify(result).length).toBeLessThan(1_000_000);
    const file = await ask(`/v1/files/${result.textsFile}`);
    expect(file.body).toEqual(root.texts);
    // Its owner may remove it; the task is still told how it ended.
    await ask(`/v1/files/${result.textsFile}`, { method: 'DELETE' });
    expect((await pollForResult(`${endpoint}/result/${id}`)).root.title).toBe('error');
  });

  it('knows no task of nobody, of another type or of another owner: 404, and never "PENDING"', async () => {
    const submit = { type: 'ask', input: { prompt: 'Hello' } };
    const other = await ask('/v1/jobs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(submit),
    });
    const own = await start('mixed');
    const asked: [string, TestKey][] = [
      [`job_${randomUUID()}`, ann],
      ['PENDING', ann],
      [(other.body as unknown as { id: string }).id, ann],
      [own, bob],
    ];
    for (const [id, key] of asked) {
      const { status, body } = await ask(`${endpoint}/result/${id}`, {}, key);
      const detail = body.detail ?? '';
      expect({ status, body }).toEqual({
        status: 404,
        body: { detail, root: { title: 'error', value: detail } },
      });
      expect(detail).toMatch(/./);
      expect(JSON.stringify(body)).not.toMatch(/PENDING/);
    }
  });
});

describe('a client that finds services by itself', () => {
  const read = async (path: string): Promise<unknown> => {
    const { status, body } = await ask(path);
    expect(status).toBe(200);
    return body;
  };

  it('is given the routes of the plugin', async () => {
    const routes = (await read('/audio/api/routes')) as object[];
    expect(routes[0]).toEqual({
      task_schema: '/audio/transcribe/task_schema',
      run_task: '/audio/transcribe',
      short_title: expect.any(String),
      order: 0,
    });
  });

  it('is told what the plugin is', async () => {
    expect(await read('/audio/api/app_metadata')).toEqual({
      info: expect.stringMatching(/./),
      author: expect.stringMatching(/./),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      name: expect.stringMatching(/./),
      plugin_name: 'audio',
      gpu: false,
    });
  });

  it('is given what the form is built from, and a run of that form works', async () => {
    const schema = (await read('/audio/transcribe/task_schema')) as {
      inputs: { key: string }[];
      parameters: { key: string; value: { parameter_type: string; default: unknown } }[];
    };
    const shown = { label: expect.stringMatching(/./), subtitle: expect.any(String) };
    expect(schema.inputs).toEqual([{ key: 'input_dir', ...shown, input_type: 'directory' }]);
    for (const parameter of schema.parameters) {
      expect(parameter).toMatchObject({ key: expect.any(String), ...shown });
      expect(parameter.value).toMatchObject({ parameter_type: expect.any(String) });
      expect(parameter.value).toHaveProperty('default');
    }
    // As the page does: each parameter with its default.
    const parameters = Object.fromEntries(schema.parameters.map(({ key, value }) => [key, value.default]));
    const { root } = await pollForResult(`${endpoint}/result/${await start('mixed', parameters)}`);
    expect(root.output_type).toBe('batchtext');
  });

  it('sees that the process lives, without a key', async () => {
    expect((await fetch(`${house.url}/probes/liveness/`)).status).toBe(200);
  });
});

failOnLeftovers();
