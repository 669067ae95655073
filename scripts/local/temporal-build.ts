import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { errorCode } from './error-code.js';
import { projectRoot } from './project.js';
import type { Search } from './temporal-cli.js';

/** Generous: slow downloads of its modules, and cores that do other work. */
const limitMs = 30 * 60_000;

/** Builds the CLI from the locked module in scripts/temporal-cli: two minutes on two idle cores, more on busy ones. */
export async function buildTemporal(to: string, { signal }: Search): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  const child = spawn('go', ['build', '-mod=readonly', '-o', to, 'github.com/temporalio/cli/cmd/temporal'], {
    cwd: join(projectRoot, 'scripts/temporal-cli'),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`go build failed:\n${lastLines(complaints.join(''))}`);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new Error('Go is not installed', { cause: error });
    }
    if (limit.aborted) throw new Error(`not finished after ${limitMs / 60_000} minutes`, { cause: error });
    throw error;
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}
