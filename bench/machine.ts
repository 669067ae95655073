import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type as system } from 'node:os';
import { projectRoot } from '../scripts/local/project.js';
import { postgresVersion } from '../scripts/local/postgres-binaries.js';

/** What figures depend on and nobody remembers afterwards. */
export function machine({ serverVersion }: { serverVersion: string | null }): string[] {
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'of an unnamed kind'}), ${memory} GiB, ${system()} ${release()}`,
    `Node ${process.versions.node}, PostgreSQL ${postgresVersion()}` +
      (serverVersion === null
        ? ''
        : `, Temporal dev server ${serverVersion} (SQLite, WAL, synced at every commit)`),
    `commit ${commit()}`,
  ];
}

/** "abc1234", with a plus sign when the sources differ from it. */
function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', projectRoot, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const changed = git('status', '--porcelain').trim() !== '';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown (no git here)';
  }
}
