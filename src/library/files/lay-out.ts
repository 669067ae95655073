import { Worker } from 'node:worker_threads';

export interface LayoutTask {
  format: 'docx' | 'pdf';
  markdown: string;
  title: string;
}

/** A text that is not laid out in the time and memory that there are for one. */
export class LayoutTooCostly extends Error {
  override name = 'LayoutTooCostly';
}

/** A page takes some milliseconds, and loading the packages half a second. */
const mostMs = 30_000;
const memoryMb = 256;

/**
 * Lays a text out in a thread of its own, which ends with it. The packages take much memory, and a long text takes
 * seconds. If it were done in the API's own thread, every stream would stand still for as long.
 * @throws {LayoutTooCostly}
 */
export async function layOut(task: LayoutTask): Promise<Buffer> {
  const thread = new Worker(new URL('./layout-thread.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
    env: {},
  });
  const late = setTimeout(() => void thread.terminate(), mostMs);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      thread.once('message', (bytes: Uint8Array) => resolve(Buffer.from(bytes)));
      thread.once('error', (error) => reject(isTooLarge(error) ? new LayoutTooCostly() : error));
      // Told after what the thread has said, if it has said anything.
      thread.once('exit', () => reject(new LayoutTooCostly()));
    });
  } finally {
    clearTimeout(late);
    await thread.terminate();
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
