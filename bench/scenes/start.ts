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

/** Seconds to the ready block. The stack is then stopped as its users stop it, and so is one that did not get there. */
async function readyAfter(env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = npm('start', env);
  const ended = once(child, 'exit');
  try {
    await isReady(child);
    return (performance.now() - started) / 1_000;
  } finally {
    const stopping = npm('stop', env);
    // Both say what they do, and would wait for somebody to read it.
    for (const stream of [child.stdout, stopping.stdout, stopping.stderr]) stream?.resume();
    await Promise.all([once(stopping, 'exit'), ended]);
  }
}

function npm(script: 'start' | 'stop', env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('npm', [script], { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
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
