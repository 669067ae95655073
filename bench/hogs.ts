import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Does the work beside so many processes that compute without a pause, and ends them. */
export async function besideHogs<T>(count: number, work: () => Promise<T>): Promise<T> {
  const hogs = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    return await work();
  } finally {
    for (const hog of hogs) {
      const ended = once(hog, 'exit');
      hog.kill('SIGKILL');
      await ended;
    }
  }
}
