import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '../../job-types/contract/job.js';
import {
  type TranscriptionServer,
  startTranscriptionServer,
} from '../../scripts/stand-ins/transcription-server.js';
import { wav } from '../../test/harness/audio.js';
import type { Measure } from '../measure.js';
import { cpuMs, residentMb } from '../process-cost.js';
import type { Rig, RunningApi } from '../rig.js';

const files = 1_000;
const taskQueue = 'bench-folders';
const everyMs = 100;
/** Of both job types; the history of each run is judged alike. */
const mostEvents = 4_000;

interface Stage {
  rig: Rig;
  api: RunningApi;
  root: string;
  transcriber: TranscriptionServer;
}

/** Folders of a thousand files: transcribed, transcribed at length with a worker killed in the middle, and summarised. */
export async function folders(rig: Rig): Promise<Measure[]> {
  const root = await mkdtemp(join(tmpdir(), 'longhaul-bench-folders-'));
  const transcriber = await startTranscriptionServer();
  try {
    const env = {
      TEMPORAL_TASK_QUEUE: taskQueue,
      INPUT_ROOT: root,
      TRANSCRIBE_BASE_URL: transcriber.url,
    };
    const api = await rig.startApi(env);
    const startWorker = async (name: string) => (await rig.startProgram(name, 'dist/src/worker.js', env)).pid;
    await fill(root);
    const stage = { rig, api, root, transcriber };
    let pid = await startWorker('folders-worker-1');
    const measures = [...(await short(stage, pid)), ...(await summaries(stage, pid))];
    transcriber.treatAll('half-hour');
    const killed = await killedInTheMiddle(stage, pid, async () => {
      pid = await startWorker('folders-worker-2');
      return pid;
    });
    return [...measures, ...killed];
  } finally {
    await transcriber.close();
    await rm(root, { recursive: true });
  }
}

async function fill(root: string): Promise<void> {
  for (const folder of ['audio', 'talks', 'texts']) await mkdir(join(root, folder));
  const sound = wav({ seconds: 1 });
  for (let file = 0; file < files; file += 1) {
    const name = String(file).padStart(4, '0');
    await writeFile(join(root, 'audio', `a${name}.wav`), sound);
    await writeFile(join(root, 'talks', `t${name}.wav`), sound);
    await writeFile(
      join(root, 'texts', `${name}.txt`),
      `The text of ${name}. ${'It says little. '.repeat(50)}`,
    );
  }
}

async function short({ rig, api }: Stage, pid: number): Promise<Measure[]> {
  const seen = await ran({ rig, api }, { type: 'transcribeFolder', input: { inputDir: 'audio' }, pid });
  return [
    {
      name: `transcribeFolder, ${files} recordings of a second: CPU of the worker for a file`,
      value: seen.cpuMs / files,
      unit: 'ms',
      goal: { atMost: 30 },
      detail: `${seen.seconds} s in all, five at a time, with a transcriber that answers at once`,
    },
    { ...eventsOf(seen), name: 'the same, longest history of a run' },
    { ...memoryOf(seen.workerMb), name: 'the same, memory of the worker' },
  ];
}

async function summaries({ rig, api }: Stage, pid: number): Promise<Measure[]> {
  const seen = await ran({ rig, api }, { type: 'summariseFolder', input: { inputDir: 'texts' }, pid });
  return [
    {
      name: `summariseFolder, ${files} texts: CPU of the worker for a file`,
      value: seen.cpuMs / files,
      unit: 'ms',
      detail: `${seen.seconds} s in all, five at a time, with a model that answers at once`,
    },
    { ...eventsOf(seen), name: 'the same, longest history of a run' },
    { ...memoryOf(seen.workerMb), name: 'the same, memory of the worker' },
  ];
}

/** 25 MB of text come out of it, which are read as the client of a service reads them. */
async function killedInTheMiddle(
  { rig, api, transcriber }: Stage,
  first: number,
  startWorker: () => Promise<number>,
): Promise<Measure[]> {
  let pid = first;
  const from = transcriber.calls.length;
  const look = async (): Promise<number> => {
    if (pid === first && transcriber.calls.length - from >= files / 2) {
      process.kill(pid, 'SIGKILL');
      pid = await startWorker();
    }
    return pid;
  };
  const seen = await ran({ rig, api }, { type: 'transcribeFolder', input: { inputDir: 'talks' }, pid, look });
  const before = residentMb(api.pid);
  const answer = await fetch(`${api.url}/audio/transcribe/result/${seen.job.id}`);
  let [bytes, apiMb] = [0, before];
  for await (const piece of answer.body ?? []) {
    bytes += (piece as Uint8Array).length;
    apiMb = Math.max(apiMb, residentMb(api.pid));
  }
  return [
    {
      name: `transcribeFolder, ${files} recordings of half an hour, worker killed at half of them: transcribed twice`,
      value: transcriber.calls.length - from - files,
      unit: 'calls',
      goal: { atMost: 5 },
      detail: `those that were under way; ${seen.seconds} s in all`,
    },
    { ...eventsOf(seen), name: 'the same, longest history of a run' },
    { ...memoryOf(seen.workerMb), name: 'the same, memory of the worker' },
    {
      name: 'the same, what the API grows by while a client reads all texts',
      value: apiMb - before,
      unit: 'MB',
      goal: { atMost: 64 },
      detail: `${(bytes / 1_000_000).toFixed(1)} MB of texts; the job itself has ${(JSON.stringify(seen.job).length / 1_000).toFixed(0)} kB`,
    },
  ];
}

interface Running {
  type: string;
  input: object;
  /** Of the worker. */
  pid: number;
  /** @returns the worker that there is by now */
  look?: () => Promise<number>;
}

interface Seen {
  job: Job;
  seconds: string;
  /** Of a worker that lived through all of it. */
  cpuMs: number;
  workerMb: number;
  /** Events of each run of the job. */
  runs: number[];
}

async function ran(
  { rig, api }: Pick<Stage, 'rig' | 'api'>,
  { type, input, pid, look = async () => pid }: Running,
): Promise<Seen> {
  const [began, cpu] = [performance.now(), cpuMs(pid) ?? Number.NaN];
  const submitted = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, input }),
  });
  const { id } = (await submitted.json()) as Job;
  let workerMb = 0;
  for (;;) {
    workerMb = Math.max(workerMb, residentMb(await look()));
    const job = await api.client.job(id);
    if (job.done) {
      if (job.status !== 'succeeded') throw new Error(`${type} ended ${job.status}: ${job.failure?.detail}`);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      const used = (await look()) === pid ? (cpuMs(pid) ?? Number.NaN) - cpu : Number.NaN;
      return { job, seconds, cpuMs: used, workerMb, runs: await runsOf(rig, id) };
    }
    await pause(everyMs);
  }
}

async function runsOf(rig: Rig, id: string): Promise<number[]> {
  const lengths: number[] = [];
  for (let runId: string | undefined, first = true; first || runId; first = false) {
    const handle = rig.temporal.workflow.getHandle(id, runId);
    const { historyLength, raw } = await handle.describe();
    lengths.push(historyLength);
    const before: string | undefined = await continuedFrom(rig, {
      id,
      runId: raw.workflowExecutionInfo?.execution?.runId ?? '',
    });
    runId = before;
  }
  return lengths;
}

/** The run that a run goes on with; undefined for the first. */
async function continuedFrom(
  rig: Rig,
  { id, runId }: { id: string; runId: string },
): Promise<string | undefined> {
  const { history } = await rig.temporal.workflowService.getWorkflowExecutionHistory({
    namespace: 'default',
    execution: { workflowId: id, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return started?.continuedExecutionRunId || undefined;
}

const eventsOf = ({ runs }: Seen): Omit<Measure, 'name'> => ({
  value: Math.max(...runs),
  unit: 'events',
  goal: { atMost: mostEvents },
  detail: `of ${runs.length} runs, with ${runs.toReversed().join(', ')}`,
});

const memoryOf = (value: number): Omit<Measure, 'name'> => ({
  value,
  unit: 'MB',
  goal: { atMost: 400 },
  detail: 'the most that was resident',
});
