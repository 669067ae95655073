import type { Activities } from '../../activities/index.js';
import type { InputOf, JobType, StepOf } from '../../job-types/contract/job-type.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import { type Ask, createAsk, createAskAnyone } from './answers.js';
import { createBudgetKeeper } from './budget.js';
import { type Checkpoint, createCheckpoint } from './checkpoint.js';
import type { CleanUp, End } from './clean-up.js';
import { type EachOptions, type EachResult, runEach } from './each.js';
import type { JobArgs } from './messages.js';
import { type StepOptions, runStep } from './run-step.js';

/** What the body of a workflow is given. */
export interface Frame<Type extends JobType, State> {
  owner: string;
  /** Runs one step and records how it goes. Throws what the body should not catch. */
  step<Value>(
    name: StepOf<Type>,
    run: (activities: Activities) => Promise<Value>,
    options: StepOptions<Value>,
  ): Promise<Value>;
  /** Waits for a person; the schema of the answer stands in the job type under the same name. */
  ask: Ask<Type>;
  /** Runs a step for each of a list, so many side by side. An item that fails for good is counted, and not thrown. */
  each<One, Value>(
    name: StepOf<Type>,
    list: readonly One[],
    options: EachOptions<One, Value, State>,
  ): Promise<EachResult<Value>[]>;
  /** Lets another run continue this one when the history is long; nobody outside notices. */
  checkpoint: Checkpoint<State>;
  /** What the last checkpoint was given; null in a job's first run. */
  resumed: State | null;
  /** What is done at the job's end, whatever that is, and before it is recorded. */
  cleanUp(
    name: StepOf<Type>,
    run: (activities: Activities, end: End) => Promise<unknown>,
    options: { summary: string },
  ): void;
}

/** What the frame itself uses of it. */
interface Made<Type extends JobType, State> {
  frame: Frame<Type, State>;
  /** In the order in which they were asked for. */
  cleanUps: readonly CleanUp[];
  step<Value>(
    name: string,
    run: (activities: Activities) => Promise<Value>,
    options: StepOptions<Value>,
  ): Promise<Value>;
}

/** @param parts.deadline in ms since 1970; null without a time-out */
export function createFrame<Type extends JobType, State>(
  args: JobArgs<InputOf<Type>>,
  { state, deadline }: { state: JobSnapshot; deadline: number | null },
): Made<Type, State> {
  const { owner, continued } = args;
  const timesAsked = { ...continued?.timesAsked };
  const cleanUps: CleanUp[] = [];
  const askAnyone = createAskAnyone(state, timesAsked);
  const budget = createBudgetKeeper(continued?.budget ?? args.budget, askAnyone);
  const step: Made<Type, State>['step'] = (name, run, options) =>
    runStep({ snapshot: state, budget }, { ...options, name, run });
  const checkpoint = createCheckpoint<State>({
    args,
    snapshot: state,
    rest() {
      const present = budget.present();
      return { deadline, timesAsked, ...(present ? { budget: present } : {}) };
    },
  });
  const frame: Frame<Type, State> = {
    owner,
    step,
    ask: createAsk<Type>(state, askAnyone),
    each: (name, list, options) =>
      runEach({
        ...options,
        list,
        step: (one, how) => step(name, (activities) => options.run(activities, one), how),
        checkpoint: (carried) => checkpoint(carried, { always: true }),
      }),
    checkpoint,
    resumed: (continued?.state ?? null) as State | null,
    cleanUp: (name, run, { summary }) => void cleanUps.push({ name, run, summary }),
  };
  return { frame, cleanUps, step };
}
