import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { postgresFolder, type PostgresHome, postgresHome, postgresVersion } from './postgres-binaries.js';
import { endOf, findByArgument, isAlive, type ProcessIdentity, stop } from './processes.js';
import { type Lifetime, type OnSpawn, spawnServer, StartError, tail } from './server-process.js';

export interface PostgresOptions {
  /** Created when it is not there; the password is kept beside it. */
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  readonly lifetime: Lifetime;
  /** Of the server, in place of or beside the usual ones: `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onSpawn?: OnSpawn;
}

export interface LocalPostgres {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<string>;
  /** Address of the database `longhaul`, with its password. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The name of user and database. */
const userAndDatabase = 'longhaul';
/** The recovery after a crash can take long on a large database. */
const readyLimitMs = 120_000;
const stopLimitMs = 20_000;

const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  // Checkpoints that are spread thin and rare keep the write rate of small transactions even.
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  // The API's and the worker's connections end with their processes; a vanished client must not hold locks for hours.
  tcp_keepalives_idle: '30',
  idle_in_transaction_session_timeout: '60s',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
};

/**
 * Starts PostgreSQL, creating its data folder when it is not there, and resolves when it answers. A server left on the
 * same folder is stopped first.
 *
 * @throws {StartError}
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const home = postgresHome(resolve(options.dataDir));
  const password = passwordBeside(home.dataDir);
  for (const left of serversOn(home.dataDir)) await stopPostgres(left);
  if (!existsSync(home.dataDir)) initialise(home, password);
  requireSameMajor(home.dataDir);
  // No server runs on this folder now. The pid in a left file may belong to another program. PostgreSQL would take
  // that one for a rival.
  rmSync(join(home.dataDir, 'postmaster.pid'), { force: true });

  const flags = Object.entries({ ...settings, ...options.settings, port: String(options.port) });
  const { identity, ended } = await spawnServer({
    command: home.command('postgres', [
      '-D',
      home.dataDir,
      ...flags.flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ]),
    logFile: options.logFile,
    lifetime: options.lifetime,
    ...(options.onSpawn && { onSpawn: options.onSpawn }),
    ...home.account,
  });
  const url = databaseUrl(options.port, password);
  await ready(url, { identity, logFile: options.logFile });
  return { identity, ended, url, stop: () => stopPostgres(identity) };
}

/** Takes over a server that runs on this folder and port already. @throws {StartError} when it does not answer */
export async function adoptPostgres(
  options: Pick<PostgresOptions, 'dataDir' | 'port' | 'logFile'>,
  identity: ProcessIdentity,
): Promise<LocalPostgres> {
  const url = databaseUrl(options.port, passwordBeside(postgresFolder(resolve(options.dataDir))));
  await ready(url, { identity, logFile: options.logFile });
  return { identity, ended: endOf(identity), url, stop: () => stopPostgres(identity) };
}

/** Address of the database in a data folder that has been created, with its password. */
export function postgresUrl({ dataDir, port }: Pick<PostgresOptions, 'dataDir' | 'port'>): string {
  return databaseUrl(port, passwordBeside(postgresFolder(resolve(dataDir))));
}

/** The servers that run on this data folder, whoever started them. */
export function findPostgres(dataDir: string): ProcessIdentity[] {
  return serversOn(postgresFolder(resolve(dataDir)));
}

function serversOn(dataDir: string): ProcessIdentity[] {
  return findByArgument(`${join('bin', 'postgres')} -D ${dataDir} -c `);
}

/** Ends open connections, writes everything down and resolves when the process has gone. */
export async function stopPostgres(identity: ProcessIdentity): Promise<void> {
  await stop(identity, { signal: 'SIGINT', limitMs: stopLimitMs });
}

function databaseUrl(port: number, password: string): string {
  return `postgres://${userAndDatabase}:${password}@127.0.0.1:${port}/${userAndDatabase}`;
}

function passwordBeside(dataDir: string): string {
  const file = `${dataDir}.password`;
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(dataDir)) {
    throw new StartError(
      `${file}, which holds the password of the database in ${dataDir}, is gone. ` +
        'Put it back, or begin with an empty database: npm run reset.',
    );
  }
  const password = randomBytes(18).toString('base64url');
  mkdirSync(join(dataDir, '..'), { recursive: true });
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Works in a neighbouring folder and renames it at the end, so that an interrupted run leaves no half database behind. */
function initialise(home: PostgresHome, password: string): void {
  const draft = `${home.dataDir}.new`;
  const passwordFile = `${draft}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  home.own(draft);
  home.own(passwordFile);
  const [program, ...args] = home.command('initdb', [
    `--pgdata=${draft}`,
    `--username=${userAndDatabase}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
  const result = spawnSync(program, args, { encoding: 'utf8', ...home.account });
  rmSync(passwordFile);
  if (result.status !== 0) {
    const reason = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
    throw new StartError(`PostgreSQL could not create its data folder ${home.dataDir}:\n${reason}`);
  }
  renameSync(draft, home.dataDir);
}

/** @throws {StartError} when the data were written by another major version, which no start can read */
function requireSameMajor(dataDir: string): void {
  const written = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  const ours = postgresVersion().split('.', 1)[0];
  if (written === ours) return;
  throw new StartError(
    `The database in ${dataDir} was written by PostgreSQL ${written}, and this is PostgreSQL ${ours}. Go on with the ` +
      'version of Longhaul that wrote it, or begin with an empty database: npm run reset.',
  );
}

/** Ready is what a client sees: a login that works and a database that is there. */
async function ready(url: string, server: { identity: ProcessIdentity; logFile: string }): Promise<void> {
  const deadline = performance.now() + readyLimitMs;
  for (;;) {
    try {
      await createDatabase(url);
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!isAlive(server.identity)) {
        throw new StartError(
          `PostgreSQL ended before it was ready. Its log: ${server.logFile}\n${tail(server.logFile)}`,
          { cause: error },
        );
      }
      if (isRefusal(error) || performance.now() > deadline) {
        await stopPostgres(server.identity);
        throw new StartError(`PostgreSQL runs but does not let us in: ${reason}`, { cause: error });
      }
      await pause(20);
    }
  }
}

/** Wrong password and the like, which waiting does not cure. */
function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code ?? '').startsWith('28');
}

async function createDatabase(url: string): Promise<void> {
  const address = new URL(url);
  address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: address.href, connectionTimeoutMillis: 5_000 });
  // A server that goes away during the query is reported by the query as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [
      userAndDatabase,
    ]);
    if (rowCount === 0) await client.query(`create database ${userAndDatabase}`);
  } finally {
    await client.end();
  }
}
