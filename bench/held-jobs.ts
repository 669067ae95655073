import { setTimeout as pause } from 'node:timers/promises';
import type { BehaviourName, BehaviourOptions } from '../scripts/stand-ins/model-server.js';
import { rate } from './load.js';
import type { Rig } from './rig.js';

const inFlight = 20;
const beginLimitMs = 60_000;

export interface Held {
  readonly ids: readonly string[];
  /** Cancels all of them, and resolves when they have ended. */
  release(): Promise<void>;
}

/** Jobs in the middle of an answer that the model does not end. @throws when they have not all begun in time */
export async function heldJobs(
  rig: Rig,
  { count, behaviour, options }: { count: number; behaviour: BehaviourName; options?: BehaviourOptions },
): Promise<Held> {
  for (let job = 0; job < count; job += 1) rig.models.next(behaviour, options);
  const ids: string[] = [];
  const submit = async () => void ids.push((await rig.api.client.submit(rig.input)).id);
  await rate({ work: submit, times: count, inFlight });
  const limit = performance.now() + beginLimitMs;
  const answering = () =>
    rig.models.calls.filter((call) => call.bytesSent > 0 && call.closedAt === null).length;
  while (answering() < count) {
    if (performance.now() > limit) throw new Error(`Only ${answering()} of ${count} answers have begun.`);
    await pause(50);
  }
  return {
    ids,
    async release() {
      const left = [...ids];
      const end = async (): Promise<void> => {
        const handle = rig.temporal.workflow.getHandle(left.pop() ?? '');
        await handle.cancel();
        // It ends as cancelled, which its result says by throwing.
        await handle.result().catch(() => undefined);
      };
      await rate({ work: end, times: ids.length, inFlight });
    },
  };
}
