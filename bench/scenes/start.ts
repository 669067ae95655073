import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/local/ports.js';
import { projectRoot } from '../../scripts/local/project.js';
import type { Measure } from '../measure.js';

const goal = { atMost: 15 };

/** From `npm start` on an installed and built machine to the lines that say it is ready; with no data, and again. */
export async function start(): Promise<Measure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-start-'));
  await chmod(dataDir, 0o711);
  try {
    const env = { ...process.env, ...(await settings()), DATA_DIR: dataDir };
    const fresh = await readyAfter(env);
    const warm = await readyAfter(env);
    const detail = '`npm start` to the lines with the addresses';
    return [
      { name: 'start with no data yet', value: fresh, unit: 's', goal, detail },
      { name: 'start with the data of an earlier one', value: warm, unit: 's', goal, detail },
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Ports of its own. What an .env might name is emptied, which counts as absent, so that the whole stack is started. */
async function settings(): Promise<Record<string, string>> {
  const names = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const;
  const ports = await Promise.all(names.map(async (name) => [name, String(await freePort())] as const));
  const external = [
    'DATABASE_URL',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_UI_URL',
    'WORKER_HEALTH_PORT',
    'FETCH_ALLOW',
  ];
  return { ...Object.fromEntries(ports), ...Object.fromEntries(external.map((name) => [name, ''])) };
}

/** Seconds to the ready block; the stack is stopped again, in order. */
async function readyAfter(env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn('npm', ['start'], { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const seconds = await isReady(child).then(() => (performance.now() - started) / 1_000);
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return seconds;
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('is ready.')) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`npm start ended before it was ready:\n${output}`)));
  });
}
