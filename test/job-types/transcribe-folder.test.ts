import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Call } from '../../job-types/contract/call.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import { type TranscribeFolderResult, transcribeFolder } from '../../job-types/transcribe-folder.js';
import {
  type TranscriptionServer,
  spokenIn,
  startTranscriptionServer,
} from '../../scripts/stand-ins/transcription-server.js';
import type { StoredFile } from '../../src/files/file-views.js';
import { wav } from '../harness/audio.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';
import { whileBusy } from '../harness/while-busy.js';
import type { WorkerProcess } from '../harness/worker-process.js';

jest.setTimeout(180_000);

let house: House;
let transcriber: TranscriptionServer;
let root: string;
let worker: WorkerProcess;

const key = 'sk-transcriber-secret-1234567890';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'longhaul-recordings-'));
  transcriber = await startTranscriptionServer();
  house = await openHouse({
    INPUT_ROOT: root,
    TRANSCRIBE_BASE_URL: transcriber.url,
    TRANSCRIBE_API_KEY: key,
    TRANSCRIBE_MAX_BYTES: '60000',
    TRANSCRIBE_TIMEOUT: '10',
    TRANSCRIBE_USD_MINUTE: '0.006',
  });
  worker = await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await transcriber.close();
  await rm(root, { recursive: true });
});

async function upload(name: string, body: Buffer): Promise<string> {
  const address = `${house.url}/v1/files?name=${encodeURIComponent(name)}`;
  const send = () => fetch(address, { method: 'POST', body: new Uint8Array(body) });
  const answer = await whileBusy(send, ({ status }) => status);
  const file = (await answer.json()) as StoredFile;
  expect({ status: answer.status, file }).toMatchObject({ status: 201 });
  return file.id;
}

/** Files of a folder of its own below INPUT_ROOT. @returns what a job names it by */
async function folderOf(name: string, files: Record<string, Buffer | string>): Promise<string> {
  for (const [file, content] of Object.entries(files)) {
    const place = join(root, name, file);
    await mkdir(join(place, '..'), { recursive: true });
    await writeFile(place, content);
  }
  return name;
}

const submit = (input: object) => house.submitJob('transcribeFolder', input);
const done = (id: string) => house.jobWhen(id, 'the job is done', (job) => job.done, 120_000);
const resultOf = (job: Job) => job.result as TranscribeFolderResult;
const callsOf = async (id: string) =>
  (await house.ask<{ items: Call[] }>('GET', `/v1/jobs/${id}/calls`)).body.items;
const heard = (...names: string[]) => transcriber.calls.filter(({ name }) => names.includes(name));

let tone = 100;
/** Of which there is no other. */
const recording = (seconds = 0.5) => wav({ seconds, tone: (tone += 10) });

describe('transcribeFolder', () => {
  it('transcribes uploaded files in their order, and notes each call with its seconds', async () => {
    const [one, two] = [recording(), recording()];
    const files = [await upload('one.wav', one), await upload('two.wav', two)];
    const { id } = await submit({ files, language: 'Spanish' });
    const job = await done(id);
    expect(job).toMatchObject({ failure: null, status: 'succeeded', partial: false });
    expect(resultOf(job)).toEqual({
      texts: [
        { title: 'one.wav', value: spokenIn(one), subtitle: null, seconds: 0.5 },
        { title: 'two.wav', value: spokenIn(two), subtitle: null, seconds: 0.5 },
      ],
      ...{ transcribed: 2, failed: 0, seconds: 1, provider: 'transcriber/whisper-1', notes: [] },
    });
    expect(heard('one.wav')).toMatchObject([
      { model: 'whisper-1', language: 'es', mediaType: 'audio/wav', authorization: `Bearer ${key}` },
    ]);
    const calls = await callsOf(id);
    const facts = { step: 'transcribe', outcome: 'answered', audioSeconds: 0.5, costUsd: 0.00005 };
    expect(calls).toMatchObject([facts, facts]);
    expect(job.usage).toMatchObject({ costUsd: 0.0001 });
  });

  it('takes the files below a folder, sorted by their paths, of any case, and follows no link', async () => {
    const [a, b, c] = [recording(), recording(), recording()];
    const folder = await folderOf('of-a-case', {
      'b.WAV': b,
      'a/late.wav': a,
      'z/1.wav': c,
      'notes.md': 'no audio',
    });
    const job = await done((await submit({ inputDir: folder })).id);
    expect(resultOf(job).texts.map(({ title, value }) => [title, value])).toEqual([
      ['of-a-case/a/late.wav', spokenIn(a)],
      ['of-a-case/b.WAV', spokenIn(b)],
      ['of-a-case/z/1.wav', spokenIn(c)],
    ]);
  });

  it('has an empty text for silence', async () => {
    const folder = await folderOf('silent', { 'silent.wav': wav({ tone: 0 }) });
    const job = await done((await submit({ inputDir: folder })).id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    expect(resultOf(job).texts).toMatchObject([{ value: '', subtitle: null }]);
  });

  it('splits what is too large for one request, and joins what is said', async () => {
    const long = wav({ seconds: 12, tone: 300 });
    const folder = await folderOf('long', { 'long.wav': long });
    const { id } = await submit({ inputDir: folder });
    const job = await done(id);
    const [text] = resultOf(job).texts;
    const parts = heard('long.wav');
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.every(({ bytes }) => bytes <= 60_000)).toBe(true);
    expect(text?.value.split('\n')).toHaveLength(parts.length);
    expect(text?.seconds).toBeCloseTo(12, 1);
    const calls = await callsOf(id);
    expect(calls.map(({ item }) => item)).toEqual(parts.map((_, index) => `1/${index + 1}`));
    expect(calls.reduce((sum, { audioSeconds }) => sum + (audioSeconds ?? 0), 0)).toBeCloseTo(12, 1);
  });

  it('tells of a file that fails beside the others, and is partial', async () => {
    const folder = await folderOf('mixed', {
      'corrupt.mp3': 'this is no sound',
      'fine.wav': recording(),
      'not-audio.wav': recording(),
    });
    const { id } = await submit({ inputDir: folder });
    const job = await done(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    const { texts, transcribed, failed } = resultOf(job);
    expect({ transcribed, failed }).toEqual({ transcribed: 1, failed: 2 });
    expect(texts.map(({ value, subtitle }) => [value, subtitle])).toEqual([
      ['Transcription failed: "corrupt.mp3" is damaged, or is no audio.', 'failed'],
      [expect.stringMatching(/^Words of /), null],
      [expect.stringMatching(/^Transcription failed: transcriber\/whisper-1 answered 400: .*\.$/), 'failed'],
    ]);
    const items = await house.ask<{ items: object[] }>('GET', `/v1/jobs/${id}/items?status=failed`);
    expect(items.body.items).toMatchObject([
      { item: '1', failure: { code: 'audio-unreadable' } },
      { item: '3', failure: { code: 'audio-unreadable' } },
    ]);
  });

  it('tries again what passes, and takes each file once', async () => {
    const names = ['a.wav', 'b.wav', 'c.wav', 'd.wav', 'e.wav'] as const;
    const folder = await folderOf(
      'passing',
      Object.fromEntries(names.map((name) => [`passing-${name}`, recording()])),
    );
    transcriber.treat('passing-a.wav', 'rate-limited', 1);
    transcriber.treat('passing-b.wav', 'broken', 1);
    transcriber.treat('passing-c.wav', 'cut-off', 1);
    transcriber.treat('passing-d.wav', 'wrong-json', 1);
    transcriber.treat('passing-e.wav', 'no-json', 1);
    const job = await done((await submit({ inputDir: folder })).id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    for (const name of names) expect(heard(`passing-${name}`)).toHaveLength(2);
  });

  it('waits for a transcriber that is away for a while, and fails no file by it', async () => {
    const names = ['away-1.wav', 'away-2.wav', 'away-3.wav'];
    const folder = await folderOf('away', Object.fromEntries(names.map((name) => [name, recording()])));
    for (const name of names) transcriber.treat(name, 'overloaded', 2);
    const job = await done((await submit({ inputDir: folder })).id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    for (const name of names) expect(heard(name)).toHaveLength(3);
  });

  it('gives up on a transcriber that hangs, one that refuses the key, and one that never makes sense', async () => {
    const folder = await folderOf('bad', {
      'hang.wav': recording(),
      'key-refused.wav': recording(),
      'too-large.wav': recording(),
      'wrong-json.wav': recording(),
      'well.wav': recording(),
    });
    const { id } = await submit({ inputDir: folder });
    const job = await done(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    const items = await house.ask<{ items: { item: string; failure: Failure }[] }>(
      'GET',
      `/v1/jobs/${id}/items?status=failed`,
    );
    const codes = items.body.items.map(({ failure }) => failure.code).toSorted();
    const wanted = ['audio-too-large', 'malformed-answer', 'provider-key-refused', 'provider-timed-out'];
    expect(codes).toEqual(wanted);
    expect(JSON.stringify([job, items.body])).not.toContain(key);
    expect(heard('wrong-json.wav')).toHaveLength(3);
    expect(heard('hang.wav')).toHaveLength(3);
    const calls = await callsOf(id);
    expect(calls.filter(({ failureCode }) => failureCode === 'audio-too-large')).toMatchObject([
      { outcome: 'refused', audioSeconds: 0, costUsd: 0 },
    ]);
  });

  it('fails when every file does, and begins no more of them once the transcriber lets each down', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `down-${index + 10}.wav`);
    const folder = await folderOf('down', Object.fromEntries(names.map((name) => [name, recording()])));
    for (const name of names) transcriber.treat(name, 'quota-exhausted');
    const { id } = await submit({ inputDir: folder, concurrency: 2 });
    const job = await done(id);
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'quota-exhausted' } });
    const tried = heard(...names).length;
    expect(tried).toBeGreaterThanOrEqual(5);
    expect(tried).toBeLessThan(10);
    expect(job.steps.find(({ name }) => name === 'transcribe')).toMatchObject({ failed: 30, total: 30 });
    // What was not begun is done by a retry, once there is a quota.
    for (const name of names) transcriber.treat(name, 'answer');
    const retry = await house.ask<Job>('POST', `/v1/jobs/${id}/retry`, {});
    const again = await done(retry.body.id);
    expect(again).toMatchObject({ status: 'succeeded', partial: false });
    expect(resultOf(again).transcribed).toBe(30);
  });

  it('closes the requests under way when it is cancelled', async () => {
    const folder = await folderOf('cancelled', { 'cancelled.wav': recording() });
    transcriber.treat('cancelled.wav', 'hang');
    const { id } = await submit({ inputDir: folder });
    await until(() => heard('cancelled.wav').length > 0, { what: 'the transcriber is asked' });
    await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
    expect(await done(id)).toMatchObject({ status: 'cancelled' });
    await until(() => heard('cancelled.wav').every(({ abandoned }) => abandoned), {
      what: 'the request is closed',
    });
  });

  it('transcribes no file again whose text is stored when its worker is killed', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `killed-${index + 10}.wav`);
    const folder = await folderOf('killed', Object.fromEntries(names.map((name) => [name, recording(0.1)])));
    for (const name of names) transcriber.treat(name, 'slow');
    const { id } = await submit({ inputDir: folder, concurrency: 4 });
    const stored = async () => {
      const rows = await house.db.selectFrom('texts').select('title').where('root_job_id', '=', id).execute();
      return rows.map(({ title }) => title?.split('/').at(-1) ?? '');
    };
    await until(async () => (await stored()).length >= 20, { what: 'a third is stored', limitMs: 90_000 });
    await worker.kill();
    const before = await stored();
    for (const name of names) transcriber.treat(name, 'answer');
    await house.startWorker();
    const job = await done(id);
    expect(resultOf(job)).toMatchObject({ transcribed: 60, failed: 0 });
    expect(before.length).toBeGreaterThanOrEqual(20);
    for (const name of before) expect([name, heard(name).length]).toEqual([name, 1]);
    // Those under way may have been asked for twice, and no other.
    expect(heard(...names).length).toBeLessThanOrEqual(64);
  });
});

describe('a submit is refused', () => {
  const refused = async (input: object) => {
    const { status, body } = await house.ask<Failure>('POST', '/v1/jobs', {
      type: 'transcribeFolder',
      input,
    });
    expect(status).toBe(422);
    return body.errors ?? [];
  };

  it('for a folder that lies outside, that is not there, or has no audio', async () => {
    await folderOf('without', { 'a.txt': 'no audio' });
    for (const folder of ['/etc', '../x', 'nowhere', 'without']) {
      expect(await refused({ inputDir: folder })).toMatchObject([{ pointer: '/input/inputDir' }]);
    }
  });

  it('for files that are none, or no audio, and without either', async () => {
    const text = await upload('a.csv', Buffer.from('a,b\n'));
    const sound = await upload('a.wav', recording());
    expect(await refused({ files: [sound, text] })).toMatchObject([{ pointer: '/input/files/1' }]);
    const nobody = 'file_00000000-0000-4000-8000-000000000000';
    expect(await refused({ files: [nobody] })).toMatchObject([{ pointer: '/input/files/0' }]);
    expect(await refused({})).toMatchObject([{ pointer: '/input/inputDir' }]);
    expect(await refused({ inputDir: 'x', files: [sound] })).toMatchObject([{ pointer: '/input/inputDir' }]);
  });
});

describe('without a transcriber', () => {
  let quiet: House;
  beforeAll(async () => {
    quiet = await openHouse({ INPUT_ROOT: 'samples' });
    await quiet.startWorker();
  });
  afterAll(() => quiet.close());

  it('takes the transcripts that lie beside the audio, and says so: the example works as it stands', async () => {
    const { id } = await quiet.submitJob('transcribeFolder', transcribeFolder.example);
    const job = await quiet.jobWhen(id, 'the job is done', (one) => one.done);
    expect(job.status).toBe('succeeded');
    expect(resultOf(job)).toMatchObject({
      texts: [
        { title: 'recordings/bell.wav', value: 'A bell, struck once.', subtitle: 'from recordings/bell.srt' },
        { value: 'A fog horn, for half a second.', subtitle: 'from recordings/fog-horn.txt', seconds: null },
      ],
      provider: 'transcripts',
      notes: [expect.stringMatching(/^Nobody has listened/)],
    });
  });

  it('is told what to set where there is none', async () => {
    const address = `${quiet.url}/v1/files?name=alone.wav`;
    const send = () => fetch(address, { method: 'POST', body: new Uint8Array(recording()) });
    const answer = await whileBusy(send, ({ status }) => status);
    const { id } = (await answer.json()) as StoredFile;
    const input = { files: [id] };
    const { status, body } = await quiet.ask<Failure>('POST', '/v1/jobs', {
      type: 'transcribeFolder',
      input,
    });
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'transcriber-required' } });
    expect(body.detail).toContain('TRANSCRIBE_BASE_URL');
  });
});

failOnLeftovers();
