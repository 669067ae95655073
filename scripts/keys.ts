import { OwnerName } from '../job-types/contract/api-key.js';
import { ConfigError, loadConfig } from '../src/config.js';
import { idOfKey, newApiKey } from '../src/auth/api-key.js';
import { type ApiKeyRecord, type ApiKeys, createApiKeys } from '../store/api-keys.js';
import { openDatabase } from '../store/database.js';
import { migrate, NewerDatabaseError } from '../store/migrations.js';
import { isDatabaseUnavailable } from '../store/unavailable.js';
import { confirm } from './local/confirm.js';
import { postgresUrl } from './local/postgres.js';
import { StartError } from './local/server-process.js';
import { postgresDataDir, type StackSettings, stackSettings } from './local/settings.js';
import { runningRecord } from './local/stack-record.js';

const usage = `npm run keys -- create <owner>   a new key for the owner; shown this once
npm run keys -- list             the keys there are
npm run keys -- revoke <id>      ends a key, within a second
npm run keys -- off              takes all keys away: the API serves this machine without, as before the first
Once there is a key, the API asks for one, and goes on asking when all are revoked. The owner "local" has what was
submitted before that.`;

/** Ends the command with a sentence. */
class CommandError extends Error {
  override name = 'CommandError';
}

/** Told before the first key is made. */
const firstKey =
  'This is the first key. From now on every request needs one, npm run demo included (API_KEY). What was submitted ' +
  'without belongs to the owner "local", whose key is npm run keys -- create local. npm run keys -- off leads back.';

const commands: Record<string, (keys: ApiKeys, argument: string) => Promise<void>> = {
  create,
  list,
  revoke,
  off,
};
const takesArgument: ReadonlySet<string> = new Set(['create', 'revoke']);

process.exitCode = await main(process.argv.slice(2));

async function main([name = '', argument, ...rest]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command || rest.length > 0 || takesArgument.has(name) !== (argument !== undefined)) {
    console.error(usage);
    return 2;
  }
  try {
    await withKeys((keys) => command(keys, argument ?? ''));
    return 0;
  } catch (error) {
    console.error(sentenceFor(error) ?? error);
    return 1;
  }
}

async function create(keys: ApiKeys, owner: string): Promise<void> {
  if (!OwnerName.safeParse(owner).success) {
    throw new CommandError(
      'An owner is a letter or digit and up to 63 more letters, digits, dots, dashes, underscores or @.',
    );
  }
  if (!(await keys.exist())) {
    console.error(firstKey);
    // A script has decided already.
    if (process.stdin.isTTY && !(await confirm('Make it?'))) throw new CommandError('No key was made.');
  }
  const { id, key, hash } = newApiKey();
  await keys.add({ id, owner, hash });
  console.error(`The key ${id} of ${owner}. It is not kept anywhere and not shown again:`);
  console.log(key);
}

async function list(keys: ApiKeys): Promise<void> {
  const all = await keys.list();
  if (all.length === 0) {
    console.error('There are no keys: the API serves this machine without.');
    return;
  }
  const columns: [string, (key: ApiKeyRecord) => string][] = [
    ['id', ({ id }) => id],
    ['owner', ({ owner }) => owner],
    ['created', ({ createdAt }) => shown(createdAt)],
    ['last used', ({ lastUsedAt }) => (lastUsedAt ? shown(lastUsedAt) : 'never')],
    ['revoked', ({ revokedAt }) => (revokedAt ? shown(revokedAt) : '-')],
  ];
  const rows = [columns.map(([title]) => title), ...all.map((key) => columns.map(([, cell]) => cell(key)))];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

async function revoke(keys: ApiKeys, idOrKey: string): Promise<void> {
  const id = idOfKey(idOrKey) ?? idOrKey;
  if (!(await keys.revoke(id))) throw new CommandError(`There is no key with this id; npm run keys -- list.`);
  console.log(`The key ${id} is revoked.`);
}

async function off(keys: ApiKeys): Promise<void> {
  const owners = new Set((await keys.list()).map(({ owner }) => owner));
  if (owners.size === 0) {
    console.log('There are no keys: the API serves this machine without.');
    return;
  }
  console.error(
    'Without keys, everybody on this machine may ask, as the owner "local". An API that other machines can reach goes ' +
      'on asking for a key.',
  );
  if (process.stdin.isTTY && !(await confirm('Take all keys away?'))) {
    throw new CommandError('The keys are as they were.');
  }
  const count = await keys.removeAll();
  const others = [...owners].filter((owner) => owner !== 'local');
  console.log(`${count === 1 ? 'One key is' : `${count} keys are`} gone, and no request needs one.`);
  if (others.length > 0) {
    console.log(
      `What belongs to ${others.join(', ')} is kept, and is seen again with a new key of that owner.`,
    );
  }
}

async function withKeys(work: (keys: ApiKeys) => Promise<void>): Promise<void> {
  const db = openDatabase(databaseAddress(stackSettings(loadConfig())), {
    name: 'longhaul-keys',
    maxConnections: 1,
    onConnectionLost: () => undefined,
  });
  try {
    // A key may be what the first start of the API waits for.
    await migrate(db);
    await work(createApiKeys(db));
  } finally {
    await db.destroy();
  }
}

/** @throws {CommandError} when there is no database to talk to */
function databaseAddress({ config, dataDir }: StackSettings): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  if (runningRecord(dataDir)?.parts.postgres) {
    return postgresUrl({ dataDir: postgresDataDir(dataDir), port: config.POSTGRES_PORT });
  }
  throw new CommandError(
    'The local stack, whose database holds the keys, is not running. Start it with npm start, then repeat this; ' +
      'or set DATABASE_URL.',
  );
}

function sentenceFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ([CommandError, ConfigError, NewerDatabaseError, StartError].some((kind) => error instanceof kind))
    return error.message;
  return isDatabaseUnavailable(error) ? `The database does not answer: ${error.message}` : undefined;
}

/** To the minute. */
function shown(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
