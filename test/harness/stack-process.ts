import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/local/ports.js';
import { isAlive, type ProcessIdentity, stop } from '../../scripts/local/processes.js';
import { projectRoot } from '../../scripts/local/project.js';
import { type PartName, readRecord } from '../../scripts/local/stack-record.js';
import { until } from './until.js';

/** A slow machine that does something else besides takes more than a minute to start everything. */
const patienceMs = 180_000;

const partNames: readonly PartName[] = ['postgres', 'temporal', 'api', 'worker'];

/** A data folder and ports of its own: where one copy of the stack can be started, again and again. */
export interface StackPlace {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Readonly<Record<(typeof portVariables)[number], number>>;
  /** Ends what still runs there and deletes the folder. */
  clear(): Promise<void>;
}

const portVariables = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const;

export async function stackPlace(): Promise<StackPlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-stack-'));
  await chmod(dataDir, 0o711);
  const numbers = await Promise.all(portVariables.map(() => freePort()));
  const ports = Object.fromEntries(
    portVariables.map((name, index) => [name, numbers[index]]),
  ) as StackPlace['ports'];
  const {
    DATABASE_URL: _database,
    TEMPORAL_ADDRESS: _temporal,
    FETCH_ALLOW: _allow,
    ...inherited
  } = process.env;
  const chosen = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const env = { ...inherited, ...chosen, DATA_DIR: dataDir };
  return {
    dataDir,
    env,
    ports,
    clear: async () => {
      const { code, output } = await runScript('stop', env);
      await rm(dataDir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`The stack could not be stopped:\n${output}`);
    },
  };
}

/** A stack, or the demo, started as its users start it, without the bootstrap. */
export class StackProcess {
  private text = '';

  private constructor(
    private readonly place: StackPlace,
    readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk;
      });
    }
  }

  static start(place: StackPlace): StackProcess {
    return new StackProcess(place, spawnScript('start', place.env));
  }

  static demo(place: StackPlace, ...args: string[]): StackProcess {
    return new StackProcess(place, spawnScript(['demo', ...args].join(' '), place.env));
  }

  get output(): string {
    return this.text;
  }

  /** Resolves when it has said so; fails with its output when it ended first. */
  async ready(): Promise<this> {
    await until(() => this.output.includes('is ready.') || this.child.exitCode !== null, {
      what: 'the stack is ready or has ended',
      limitMs: patienceMs,
    });
    if (this.child.exitCode !== null) throw new Error(`The stack ended instead:\n${this.output}`);
    return this;
  }

  async says(text: string): Promise<void> {
    await until(() => this.output.includes(text) || this.child.exitCode !== null, {
      what: `"${text}" is said`,
      limitMs: patienceMs,
    });
    if (!this.output.includes(text)) throw new Error(`It ended without saying "${text}":\n${this.output}`);
  }

  /** Its exit code, when it ends by itself. */
  end(): Promise<number | null> {
    return ended(this.child);
  }

  part(name: PartName): ProcessIdentity {
    const part = readRecord(this.place.dataDir)?.parts[name];
    if (!part) throw new Error(`The stack has no ${name}:\n${this.output}`);
    return part;
  }

  parts(): ProcessIdentity[] {
    return partNames.map((name) => this.part(name));
  }

  /** kill -9 of the stack's own process, not of its parts. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await ended(this.child);
  }

  async interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return ended(this.child);
  }
}

/** Resolves with exit code and output of a script that a person runs. */
export async function runScript(
  name: 'start' | 'start --background' | 'stop' | 'reset' | 'reset --yes',
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawnScript(name, env);
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: chunks.join('') };
}

export async function killAll(identities: readonly ProcessIdentity[]): Promise<void> {
  await Promise.all(identities.map((identity) => stop(identity, { signal: 'SIGKILL', limitMs: 10_000 })));
}

export function aliveAmong(identities: readonly ProcessIdentity[]): ProcessIdentity[] {
  return identities.filter(isAlive);
}

function spawnScript(command: string, env: NodeJS.ProcessEnv): ChildProcess {
  const [name, ...args] = command.split(' ');
  return spawn(process.execPath, [join(projectRoot, `dist/scripts/${name}.js`), ...args], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
