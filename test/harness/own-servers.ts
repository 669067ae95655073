import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/local/ports.js';
import { type LocalPostgres, startPostgres } from '../../scripts/local/postgres.js';
import { findTemporalCli } from '../../scripts/local/temporal-cli.js';
import { type LocalTemporal, startTemporal } from '../../scripts/local/temporal-server.js';

/** A PostgreSQL and a Temporal dev server of the caller's own, which end with this process: to be stopped, killed, or filled. */
export interface OwnServers {
  /** For `openHouse`. */
  readonly env: { DATABASE_URL: string; TEMPORAL_ADDRESS: string };
  readonly postgres: LocalPostgres;
  readonly temporal: LocalTemporal;
  /** Brings PostgreSQL back with its data, in the place of the one that ended. */
  restartPostgres(): Promise<void>;
  restartTemporal(): Promise<void>;
  close(): Promise<void>;
}

export async function ownServers(): Promise<OwnServers> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-own-'));
  // Where PostgreSQL has to run as nobody, nobody must be able to enter.
  await chmod(folder, 0o711);
  const [postgresPort, temporalPort, cli] = await Promise.all([
    freePort(),
    freePort(),
    findTemporalCli({ report: (line) => process.stderr.write(`${line}\n`) }),
  ]);
  const place = (name: string, port: number) => ({
    dataDir: join(folder, name),
    logFile: join(folder, `${name}.log`),
    port,
    lifetime: 'parent' as const,
  });
  // What a killed server has written stays with the machine. To wait for the disk guards against the machine's own end.
  // No test brings that about.
  const database = () => startPostgres({ ...place('postgres', postgresPort), settings: { fsync: 'off' } });
  // Off by default in the server, and on where somebody wants it.
  const settings = ['frontend.WorkflowPauseEnabled=true'];
  const server = () =>
    startTemporal({ ...place('temporal', temporalPort), cli, namespace: 'default', settings });
  let [postgres, temporal] = await Promise.all([database(), server()]);
  return {
    env: { DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: temporal.address },
    get postgres() {
      return postgres;
    },
    get temporal() {
      return temporal;
    },
    async restartPostgres() {
      postgres = await database();
    },
    async restartTemporal() {
      temporal = await server();
    },
    async close() {
      await Promise.all([postgres.stop(), temporal.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
