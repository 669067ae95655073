import type { Progress, Step } from '../../activities/frame/step.js';
import type { Usage } from '../../job-types/contract/job.js';

/** A step that does nothing but remember what it was told. */
export interface RecordingStep extends Step {
  readonly told: Progress[];
  readonly said: string[];
  left: { text?: string; usage?: Usage };
  malformedAnswers: number;
}

export interface RecordingStepOptions {
  name?: string;
  attempt?: number;
  signal?: AbortSignal;
  /** From the attempts before this one. */
  malformedAnswers?: number;
}

export function recordingStep(options: RecordingStepOptions = {}): RecordingStep {
  const {
    name = 'extract',
    attempt = 1,
    signal = new AbortController().signal,
    malformedAnswers = 0,
  } = options;
  const step: RecordingStep = {
    rootJobId: 'job-1',
    jobId: 'job-1',
    runId: 'run-1',
    name,
    attempt,
    signal,
    told: [],
    said: [],
    left: {},
    malformedAnswers,
    progress: (progress) => void step.told.push(progress),
    output: (delta) => void step.said.push(delta),
    partial(partial) {
      step.left = { ...step.left, ...partial };
    },
    noteReused: () => undefined,
    noteMalformedAnswer() {
      step.malformedAnswers += 1;
    },
  };
  return step;
}
