import type { Progress, Step } from '../../activities/frame/step.js';
import type { Spent } from '../../job-types/contract/outcome.js';

/** A step that does nothing but remember what it was told. */
export interface RecordingStep extends Step {
  readonly told: Progress[];
  readonly said: string[];
  readonly thought: string[];
  left: { text?: string; usage?: Spent };
}

export interface RecordingStepOptions {
  name?: string;
  attempt?: number;
  signal?: AbortSignal;
  budget?: Step['budget'];
}

export function recordingStep(options: RecordingStepOptions = {}): RecordingStep {
  const { name = 'extract', attempt = 1, signal = new AbortController().signal, budget = null } = options;
  const step: RecordingStep = {
    rootJobId: 'job-1',
    jobId: 'job-1',
    runId: 'run-1',
    presentRunId: 'run-1',
    jobType: 'extractArticle',
    owner: 'ann',
    name,
    item: null,
    activity: name,
    attempt,
    budget,
    signal,
    told: [],
    said: [],
    thought: [],
    left: {},
    progress: (progress) => void step.told.push(progress),
    restart: () => void step.said.splice(0),
    output: (delta) => void step.said.push(delta),
    reasoning: (delta) => void step.thought.push(delta),
    partial(partial) {
      step.left = { ...step.left, ...partial };
    },
    noteReused: () => undefined,
  };
  return step;
}
