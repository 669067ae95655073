import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project.js';
import { buildTemporal } from './temporal-build.js';
import { downloadTemporal } from './temporal-download.js';

/** The server that containers and the native cluster run as well. */
export const temporalServerVersion = '1.31.2';

export interface TemporalCli {
  readonly path: string;
  /** As the binary reports it, such as 1.31.2. */
  readonly serverVersion: string;
}

export interface Search {
  /** Called with a line for people whenever something takes long. */
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class NoTemporalCliError extends Error {
  override name = 'NoTemporalCliError';
}

/** A place that has no binary, told apart from one that has a broken one only by its words. */
class NotHere extends Error {}

/**
 * Finds the binary of Temporal's dev server, getting it when there is none.
 *
 * @throws {NoTemporalCliError} with every place that was tried and what to do
 */
export async function findTemporalCli(search: Search): Promise<TemporalCli> {
  const env = search.env ?? process.env;
  if (env['TEMPORAL_CLI']) return chosen(env['TEMPORAL_CLI']);

  const cached = await cachePath(env);
  const places: readonly (readonly [name: string, find: () => Promise<TemporalCli>])[] = [
    ['temporal on the PATH', () => onPath(env['PATH'] ?? '')],
    [`the cache, ${cached}`, () => inspectMatching(cached)],
    ["the vendor's download", () => install(cached, (to) => downloadTemporal(to, search))],
    ['a build with Go', () => install(cached, (to) => buildTemporal(to, search))],
  ];
  const failures: string[] = [];
  for (const [name, find] of places) {
    try {
      return await find();
    } catch (error) {
      search.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`  - ${name}: ${reason.replaceAll('\n', '\n    ')}`);
    }
  }
  throw new NoTemporalCliError(
    `No Temporal server ${temporalServerVersion} was found, and none could be got. Tried:\n${failures.join('\n')}\n` +
      'Do one of these: install Go 1.26.4 or newer and start again; put a temporal CLI with this server on the PATH, ' +
      'or name it in TEMPORAL_CLI; or set TEMPORAL_ADDRESS to a Temporal server that runs already.',
  );
}

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
