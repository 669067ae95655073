import type { Activities } from '../../activities/index.js';
import { isHistoryLong } from './checkpoint.js';
import type { StepOptions } from './run-step.js';
import { type Tried, tried } from './tried.js';

/** What became of one of the things a step was done for. */
export type EachResult<Value> = Tried<Value> & { key: string };

export interface EachOptions<One, Value, State> extends Pick<StepOptions<Value>, 'policy' | 'effect'> {
  /** Unique in the list, and the same whenever the list is. */
  key(one: One, index: number): string;
  /** Shown beside the activity in the Temporal UI. */
  summary(one: One): string;
  run(activities: Activities, one: One): Promise<Value>;
  /** How many are under way side by side at most. */
  atOnce: number;
  /** Index of the first that is still to be done; a run that continues another has it from its state. */
  from?: number;
  /** With `carry`: another run goes on behind so many, also while the history is short. */
  perRun?: number;
  /**
   * What the workflow needs to go on behind the first `next` of the list. It is asked for when the history has become long
   * and nothing is under way. Without it all of the list is done in one run.
   * @param results of this call, in the order of the list
   */
  carry?(next: number, results: readonly EachResult<Value>[]): State;
}

/** What `each` is made of. */
export interface EachCall<One, Value, State> extends EachOptions<One, Value, State> {
  list: readonly One[];
  step(one: One, options: StepOptions<Value>): Promise<Value>;
  checkpoint(state: State): Promise<void>;
}

/** One activity an item, so many side by side. An item that fails for good is counted, and the others are done. */
export async function runEach<One, Value, State>(
  call: EachCall<One, Value, State>,
): Promise<EachResult<Value>[]> {
  const {
    list,
    step,
    checkpoint,
    key,
    summary,
    policy,
    effect,
    atOnce,
    from = 0,
    perRun = Infinity,
    carry,
  } = call;
  const results: EachResult<Value>[] = [];
  let [next, broken] = [from, false];
  let mayContinue = carry !== undefined;

  const isLong = () => mayContinue && (next - from >= perRun || isHistoryLong());
  const goesOn = () => next < list.length && !broken && !isLong();
  const lane = async (): Promise<void> => {
    while (goesOn()) {
      const index = next;
      next += 1;
      const one = list[index] as One;
      const item = { key: key(one, index), of: list.length };
      const options = { policy, summary: summary(one), item, ...(effect ? { effect } : {}) };
      try {
        results[index - from] = { ...(await tried(() => step(one, options))), key: item.key };
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };

  for (;;) {
    // Whatever ends one of them ends all: none is left behind that still works.
    const lanes = await Promise.allSettled(Array.from({ length: Math.max(1, atOnce) }, lane));
    const failed = lanes.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    if (next >= list.length || !carry) return results;
    await checkpoint(carry(next, results));
    // Something else is under way, and the rest is done in this run.
    mayContinue = false;
  }
}
