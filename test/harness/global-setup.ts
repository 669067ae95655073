import { ownServers } from './own-servers.js';
import { shared } from './servers.js';

/** One PostgreSQL and one Temporal dev server for all test files; their addresses travel in the environment. */
export default async function globalSetup(): Promise<void> {
  shared.servers = await ownServers();
  process.env['TEST_POSTGRES_URL'] = shared.servers.env.DATABASE_URL;
  process.env['TEST_TEMPORAL_ADDRESS'] = shared.servers.env.TEMPORAL_ADDRESS;
}
