import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/local/ports.js';
import { startPostgres } from '../../scripts/local/postgres.js';
import { findTemporalCli } from '../../scripts/local/temporal-cli.js';
import { startTemporal } from '../../scripts/local/temporal-server.js';
import { servers } from './servers.js';

/** One PostgreSQL and one Temporal dev server for all test files; their addresses travel in the environment. */
export default async function globalSetup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  // Where PostgreSQL has to run as nobody, nobody must be able to enter.
  await chmod(folder, 0o711);
  servers.folder = folder;
  const lifetime = 'parent';
  const [postgresPort, temporalPort, cli] = await Promise.all([
    freePort(),
    freePort(),
    findTemporalCli({ report: (line) => process.stderr.write(`${line}\n`) }),
  ]);
  const [postgres, temporal] = await Promise.all([
    startPostgres({
      dataDir: join(folder, 'postgres'),
      port: postgresPort,
      logFile: join(folder, 'postgres.log'),
      lifetime,
    }),
    startTemporal({
      cli,
      dataDir: join(folder, 'temporal'),
      port: temporalPort,
      namespace: 'default',
      logFile: join(folder, 'temporal.log'),
      lifetime,
    }),
  ]);
  servers.running = [postgres, temporal];
  process.env['TEST_POSTGRES_URL'] = postgres.url;
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address;
}
