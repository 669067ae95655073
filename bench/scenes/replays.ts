import { randomUUID } from 'node:crypto';
import { p50, repeat } from '../load.js';
import { type Measure, ratio } from '../measure.js';
import { alternate } from '../pairs.js';
import type { Rig } from '../rig.js';

const warmUp = 200;
const blockMs = 1_000;

/** p50 of a submit that was made before over that of a new one, both with a key. Each key is replayed once, so that no answer is at hand. */
export async function replays(rig: Rig): Promise<Measure[]> {
  // Nobody polls the task queue, so that no job gets in the way.
  const { client } = await rig.startApi({ TEMPORAL_TASK_QUEUE: 'bench-unattended' });
  const used: string[] = [];
  const submit = async () => {
    const key = randomUUID();
    await client.submit(rig.input, key);
    used.push(key);
  };
  const replay = async () => {
    let key = used.pop();
    if (key === undefined) {
      await submit();
      key = used.pop();
    }
    await client.submit(rig.input, key);
  };
  const block = (work: () => Promise<unknown>) => () => p50({ work, blockMs });
  // What a block of replays may use up.
  await repeat(5 * warmUp, submit);
  await repeat(warmUp, replay);
  const pairs = await alternate({ subject: block(replay), denominator: block(submit) }, { pairs: 7 });
  return [
    ratio(pairs, {
      name: 'replayed submit, p50 over a new one with a key',
      goal: { atMost: 1 },
      unit: 'ms',
      subject: 'replayed',
      denominator: 'new',
    }),
  ];
}
