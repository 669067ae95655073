import { randomBytes } from 'node:crypto';
import type { Measure } from '../measure.js';
import { residentMb } from '../process-cost.js';
import type { Rig } from '../rig.js';

/** Bytes: the most that a file may have, by default. */
const size = 50_000_000;
/** As many as one owner may have under way. */
const atOnce = 8;
const everyMs = 10;
/** Of what an upload needs beside its bytes, which is loaded and compiled only once. */
const warmUps = 20;

/** What the resident memory of an API process grows by while large files are uploaded, one alone and then several at once. */
export async function uploads(rig: Rig): Promise<Measure[]> {
  const { pid, url } = await rig.startApi({ RATE_LIMIT_UPLOAD: '0' });
  const bytes = randomBytes(size);
  const upload = async (body: Uint8Array<ArrayBuffer>): Promise<void> => {
    const answer = await fetch(`${url}/v1/files`, { method: 'POST', body });
    if (answer.status !== 201) throw new Error(`An upload was answered ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  for (let time = 0; time < warmUps; time += 1) await upload(bytes.subarray(0, 1_000));
  const measured = async (count: number): Promise<Measure> => {
    const before = residentMb(pid);
    let most = before;
    const look = setInterval(() => (most = Math.max(most, residentMb(pid))), everyMs);
    const start = performance.now();
    await Promise.all(Array.from({ length: count }, () => upload(bytes)));
    clearInterval(look);
    const seconds = (performance.now() - start) / 1000;
    const rate = Math.round((count * size) / 1_000_000 / seconds);
    return {
      name: `memory of the API for ${count === 1 ? 'an upload' : `${count} uploads at once`} of 50 MB`,
      value: most - before,
      unit: 'MB',
      ...(count === 1 && { goal: { atMost: 64 } }),
      detail: `the most that was resident, from ${Math.round(before)} MB to ${Math.round(most)} MB; ${rate} MB/s`,
    };
  };
  return [await measured(1), await measured(atOnce)];
}
