import { type OwnProcess, startOwnProcess } from './own-process.js';

export type WorkerProcess = OwnProcess;

/** The worker as it runs in production, in a process of its own that ends with this one. */
export const startWorkerProcess = (env: Record<string, string>): Promise<WorkerProcess> =>
  startOwnProcess('src/worker.js', env);
