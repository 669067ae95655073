import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { prepareNamespace, searchAttributes } from '../../src/temporal/namespace.js';
import { accepts } from './ports.js';
import { endOf, findByArgument, isAlive, type ProcessIdentity, stop } from './processes.js';
import { type Lifetime, type OnSpawn, spawnServer, StartError, tail } from './server-process.js';
import type { TemporalCli } from './temporal-cli.js';

export interface TemporalOptions {
  readonly cli: TemporalCli;
  /** Holds the database file, whose name carries the server's version. */
  readonly dataDir: string;
  readonly port: number;
  /** Absent: no web UI. */
  readonly uiPort?: number;
  readonly namespace: string;
  /** Settings of the server besides those of every local stack, each as name=value. */
  readonly settings?: readonly string[];
  readonly logFile: string;
  readonly lifetime: Lifetime;
  readonly onSpawn?: OnSpawn;
}

export interface LocalTemporal {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<string>;
  /** host:port of its gRPC service. */
  readonly address: string;
  stop(): Promise<void>;
}

const readyLimitMs = 60_000;
const stopLimitMs = 15_000;
/** The dev server takes a dozen free ports for itself, and gives up when another program is faster with one of them. */
const mostAttempts = 3;

class EndedEarlyError extends StartError {}

/** The types of search attributes as the command line writes them. */
const cliTypes = {
  KEYWORD: 'Keyword',
  KEYWORD_LIST: 'KeywordList',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
} as const;

/** Synced at every commit, and twice as fast as the default journal. */
const pragmas = ['journal_mode=wal', 'synchronous=full'];

/**
 * The dev server has one shard, whose queues are polled at most 20 times a second by default. Every hop of a job
 * then waits 50 ms. A job of three steps takes 350 ms instead of 45.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
];

/**
 * Starts the dev server and resolves when its namespace is ready for jobs. A server left on the same file is stopped
 * first: two on one file both start, and break it.
 *
 * @throws {StartError}
 */
export async function startTemporal(options: TemporalOptions): Promise<LocalTemporal> {
  mkdirSync(options.dataDir, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    for (const left of findTemporal(options.dataDir)) await stopTemporal(left);
    try {
      return await launch(options);
    } catch (error) {
      if (attempt === mostAttempts || !(error instanceof EndedEarlyError)) throw error;
    }
  }
}

async function launch(options: TemporalOptions): Promise<LocalTemporal> {
  const { cli, port, uiPort, logFile, lifetime, settings = [] } = options;
  const file = temporalFile(options);
  const { identity, ended } = await spawnServer({
    command: [
      cli.path,
      ...['server', 'start-dev', '--db-filename', file, '--ip', '127.0.0.1', '--port', String(port)],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
      ...['--namespace', options.namespace, '--log-level', 'warn'],
      // Later additions are made by prepareNamespace: on an existing file these do nothing.
      ...searchAttributes.flatMap(({ name, type }) => ['--search-attribute', `${name}=${cliTypes[type]}`]),
      ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
      ...[...dynamicConfig, ...settings].flatMap((value) => ['--dynamic-config-value', value]),
    ],
    logFile,
    lifetime,
    env: withoutTemporalSettings(process.env),
    ...(options.onSpawn && { onSpawn: options.onSpawn }),
  });
  await ready(options, identity);
  return { identity, ended, address: addressOf(options), stop: () => stopTemporal(identity) };
}

/** Takes over a server that runs on this file and port already. @throws {StartError} when it does not answer */
export async function adoptTemporal(
  options: TemporalOptions,
  identity: ProcessIdentity,
): Promise<LocalTemporal> {
  await ready(options, identity);
  return {
    identity,
    ended: endOf(identity),
    address: addressOf(options),
    stop: () => stopTemporal(identity),
  };
}

/** The dev servers that run on a database file in this folder, of any version and whoever started them. */
export function findTemporal(dataDir: string): ProcessIdentity[] {
  return findByArgument(`--db-filename ${join(resolve(dataDir), 'temporal-')}`);
}

export async function stopTemporal(identity: ProcessIdentity): Promise<void> {
  await stop(identity, { limitMs: stopLimitMs });
}

function addressOf({ port }: Pick<TemporalOptions, 'port'>): string {
  return `127.0.0.1:${port}`;
}

function temporalFile({ cli, dataDir }: Pick<TemporalOptions, 'cli' | 'dataDir'>): string {
  return join(resolve(dataDir), `temporal-${cli.serverVersion}.db`);
}

/** TEMPORAL_ADDRESS and its kind are meant for clients; the CLI would take them for its own flags. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function ready(
  { port, namespace, logFile }: TemporalOptions,
  identity: ProcessIdentity,
): Promise<void> {
  const deadline = performance.now() + readyLimitMs;
  const requireAlive = (cause?: unknown) => {
    if (isAlive(identity)) return;
    throw new EndedEarlyError(`Temporal ended before it was ready. Its log: ${logFile}\n${tail(logFile)}`, {
      cause,
    });
  };
  // A gRPC channel that is refused waits a second before it tries again; a plain socket does not.
  while (!(await accepts(port))) {
    requireAlive();
    if (performance.now() > deadline) break;
    await pause(20);
  }
  const connection = Connection.lazy({ address: addressOf({ port }) });
  try {
    for (;;) {
      try {
        await prepareNamespace(connection, namespace);
        return;
      } catch (error) {
        requireAlive(error);
        if (performance.now() > deadline) {
          await stopTemporal(identity);
          throw new StartError(`Temporal does not answer. Its log: ${logFile}\n${tail(logFile)}`, {
            cause: error,
          });
        }
        await pause(50);
      }
    }
  } finally {
    await connection.close();
  }
}
