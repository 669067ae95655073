import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { errorCode } from './error-code.js';
import { projectRoot } from './project.js';
import type { Search } from './temporal-cli.js';

const progressEveryMs = 15_000;
/** Generous: slow downloads of its modules, and cores that do other work. */
const limitMs = 30 * 60_000;

/** Builds the CLI from the locked module in scripts/temporal-cli: two minutes on two idle cores, more on busy ones. */
export async function buildTemporal(to: string, { report, signal }: Search): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const limit = AbortSignal.timeout(limitMs);
  const child = spawn('go', ['build', '-mod=readonly', '-o', to, 'github.com/temporalio/cli/cmd/temporal'], {
    cwd: join(projectRoot, 'scripts/temporal-cli'),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  child.once('spawn', () => report('Building the Temporal server with Go, once; this takes some minutes.'));
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const ticker = setInterval(
    () => report(`Building the Temporal server: ${seconds()} s so far.`),
    progressEveryMs,
  );
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`go build failed:\n${lastLines(complaints.join(''))}`);
    report(`Built the Temporal server in ${seconds()} s.`);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new Error('Go is not installed', { cause: error });
    }
    if (limit.aborted) throw new Error(`not finished after ${limitMs / 60_000} minutes`, { cause: error });
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}
