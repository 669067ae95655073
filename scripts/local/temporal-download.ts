import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { z } from 'zod';
import { projectRoot } from './project.js';
import type { Search } from './temporal-cli.js';

/** The address the SDK's own test environment downloads from. */
const vendor = 'https://temporal.download/cli';
/** A machine that cannot reach the vendor waits no longer than this before the next way is tried. */
const answerLimitMs = 5_000;
const archiveLimitMs = 10 * 60_000;
/** A download that has stopped is given up long before its limit. */
const silenceLimitMs = 30_000;

const answerSchema = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Downloads the CLI of the version that scripts/temporal-cli/go.mod names. */
export async function downloadTemporal(to: string, { signal }: Search): Promise<void> {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: 4_000 },
    bodyTimeout: silenceLimitMs,
  });
  const archive = `${to}.tar.gz`;
  let limitMs = answerLimitMs;
  try {
    const { archiveUrl, fileToExtract } = await askVendor({
      dispatcher,
      signal: within(answerLimitMs, signal),
    });
    limitMs = archiveLimitMs;
    const response = await fetch(archiveUrl, { dispatcher, signal: within(limitMs, signal) });
    if (!response.ok || !response.body) throw new Error(`the archive was answered with ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
    await extract({ archive, fileToExtract, to });
  } catch (error) {
    throw new Error(explain(error, limitMs), { cause: error });
  } finally {
    await dispatcher.destroy();
    await rm(archive, { force: true });
  }
}

const within = (ms: number, signal: AbortSignal | undefined): AbortSignal =>
  signal ? AbortSignal.any([signal, AbortSignal.timeout(ms)]) : AbortSignal.timeout(ms);

async function askVendor(options: { dispatcher: EnvHttpProxyAgent; signal: AbortSignal }) {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`nothing is offered for ${process.arch}`);
  const query = new URLSearchParams({ arch: architecture, platform: process.platform, format: 'tar.gz' });
  const response = await fetch(`${vendor}/${await cliVersion()}?${query.toString()}`, options);
  if (!response.ok) throw new Error(`the vendor answered with ${response.status}`);
  return answerSchema.parse(await response.json());
}

async function cliVersion(): Promise<string> {
  const goMod = await readFile(join(projectRoot, 'scripts/temporal-cli/go.mod'), 'utf8');
  const version = /^\s*(?:require )?github\.com\/temporalio\/cli (v\S+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error('scripts/temporal-cli/go.mod names no version of the CLI');
  return version;
}

async function extract(options: { archive: string; fileToExtract: string; to: string }): Promise<void> {
  const { archive, fileToExtract, to } = options;
  const folder = dirname(to);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder, fileToExtract]);
  const extracted = join(folder, fileToExtract);
  if (extracted !== to) await rename(extracted, to);
  await chmod(to, 0o755);
}

/** A failed fetch hides its reason, such as a name that does not resolve, in its cause. */
function explain(error: unknown, limitMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `not done within ${limitMs / 1000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
