import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/local/ports.js';
import { workflowBundle } from '../../../scripts/local/workflow-bundle.js';
import type { House } from '../house.js';
import { type OwnProcess, startOwnProcess } from '../own-process.js';

/** The code of the tests' workflow. */
export const loopsBundle = (): Promise<string> => workflowBundle(join(import.meta.dirname, 'workflow.js'));

export interface Loops {
  startWorker(): Promise<OwnProcess>;
  /** Another API beside the house's own, where it listens. */
  startApi(): Promise<{ api: OwnProcess; url: string }>;
  close(): Promise<void>;
}

/** Processes that know the tests' job type. */
export async function openLoops(house: House): Promise<Loops> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-loops-'));
  const bundle = join(folder, 'bundle.js');
  await writeFile(bundle, await loopsBundle());
  const started: OwnProcess[] = [];
  const start = async (script: string, env: Record<string, string>): Promise<OwnProcess> => {
    const own = await startOwnProcess(`test/harness/loops/${script}`, { ...house.env, ...env });
    started.push(own);
    return own;
  };
  return {
    startWorker: () => start('worker-main.js', { LOOPS_BUNDLE: bundle }),
    async startApi() {
      const port = await freePort();
      const api = await start('api-main.js', { HOST: '127.0.0.1', PORT: String(port) });
      return { api, url: `http://127.0.0.1:${port}` };
    },
    async close() {
      await Promise.all(started.map((own) => own.stop()));
      await rm(folder, { recursive: true });
    },
  };
}
