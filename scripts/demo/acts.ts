import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '../../job-types/contract/job.js';
import type { ApiClient } from './api.js';
import { type Recording, type ShownType, recordingFile } from './recording.js';
import type { Scene } from './scene.js';
import { piecesSoFar } from './pieces-so-far.js';

/** What is done to a job in the middle of the model's answer, and what came of it. */
export interface Act {
  /** As the first line of the demo goes on: "everything else is real". */
  readonly isReal: string;
  /** The model's answers, in the order of its calls. */
  answers(recording: Recording): readonly Recording[];
  /** Resolves when it is done. @param tell shows a line at once, beside what the job does */
  perform(stage: ActStage): Promise<void>;
  /** How the job is to end. */
  readonly ends: Job['status'];
}

export interface ActStage {
  api: ApiClient;
  scene: Scene;
  jobId: string;
  tell(line: string): void;
}

/** Words or sentences said before anything is done: enough to see that it is in the middle. */
const fewWords = 3;

const acts = {
  play: {
    isReal: 'Everything else is real.',
    answers: (recording) => [recording],
    perform: () => Promise.resolve(),
    ends: 'succeeded',
  },
  crash: {
    isReal: 'The crash is real.',
    // The first is slow enough to be killed in the middle of it; the second is watched to its end.
    answers: (recording) => [
      { ...recording, durationMs: 20_000 },
      { ...recording, durationMs: 3_000 },
    ],
    async perform({ api, scene, jobId, tell }) {
      await middleOfAnswer(api, jobId);
      const killing = scene.killWorker();
      tell('kill -9 of the worker, in the middle of the answer. Another one starts.');
      await killing;
    },
    ends: 'succeeded',
  },
  cancel: {
    isReal: 'The cancel is real.',
    answers: (recording) => [{ ...recording, durationMs: 60_000 }],
    async perform({ api, scene, jobId, tell }) {
      await middleOfAnswer(api, jobId);
      const asked = Date.now();
      const { status } = await api.cancel(jobId, 'Enough words.');
      tell(`POST /cancel, in the middle of the answer: 202 after ${Date.now() - asked} ms, ${status}.`);
      const closed = () => scene.models.calls[0]?.closedAt ?? null;
      while (closed() === null) await pause(20);
      tell(`The connection to the model was closed ${(closed() ?? 0) - asked} ms after the request.`);
    },
    ends: 'cancelled',
  },
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof acts;

export const actNamed = (name: ActName): Act => acts[name];

/** What the person is told before anything else. @param recorded the type whose recorded answer is played; null: none is */
export const announcement = (name: ActName, recorded: ShownType | null): string =>
  recorded
    ? `A recorded answer is played (${recordingFile(recorded)}): no model is asked. ${acts[name].isReal}`
    : `The model is a local stand-in, and its "translations" are made up. ${acts[name].isReal}`;

/** @throws when the job ends before that */
async function middleOfAnswer(api: ApiClient, jobId: string): Promise<void> {
  for (;;) {
    const job = await api.job(jobId);
    if (job.done) throw new Error(`The job ended (${job.status}) before the middle of the answer.`);
    if (piecesSoFar(job).length >= fewWords) return;
    await pause(100);
  }
}
