import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.js';
import { first } from './migrations/0001-first.js';
import { contract } from './migrations/0002-contract.js';
import { appending } from './migrations/0003-appending.js';
import { turns } from './migrations/0004-turns.js';
import { largeValues } from './migrations/0005-large-values.js';
import { announcedCancels } from './migrations/0006-announced-cancels.js';
import { texts } from './migrations/0007-texts.js';
import { modelCalls } from './migrations/0008-model-calls.js';
import { feeds } from './migrations/0009-feeds.js';
import { fingerprints } from './migrations/0010-fingerprints.js';
import { wordSearch } from './migrations/0011-word-search.js';

/** In their order. What has run somewhere stays as it is, its name too: a database remembers what it has by that. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-contract': contract,
  '0003-appending': appending,
  '0004-turns': turns,
  '0005-large-values': largeValues,
  '0006-announced-cancels': announcedCancels,
  '0007-texts': texts,
  '0008-model-calls': modelCalls,
  '0009-feeds': feeds,
  '0010-fingerprints': fingerprints,
  '0011-word-search': wordSearch,
};

/**
 * Brings the schema up to date; safe to call from several processes at once (an advisory lock lets one do it).
 * @throws when the database cannot be reached or a migration fails.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('the migration failed', { cause: error });
}
