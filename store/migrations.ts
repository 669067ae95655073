import { sql } from 'kysely';
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
import { deadWorkers } from './migrations/0012-dead-workers.js';
import { ends } from './migrations/0013-ends.js';
import { answeredBy } from './migrations/0021-answered-by.js';
import { items } from './migrations/0023-items.js';
import { documents } from './migrations/0025-documents.js';
import { aliases } from './migrations/0026-aliases.js';
import { themes } from './migrations/0027-themes.js';
import { conversations } from './migrations/0028-conversations.js';
import { orderOfFields } from './migrations/0030-order-of-fields.js';
import { budgets } from './migrations/0031-budgets.js';
import { forks } from './migrations/0032-forks.js';
import { research } from './migrations/0033-research.js';
import { stories } from './migrations/0034-stories.js';
import { namesAndNumbers } from './migrations/0038-names-and-numbers.js';
import { files } from './migrations/0039-files.js';
import { workbookChats } from './migrations/0043-workbook-chats.js';
import { madeFiles } from './migrations/0040-made-files.js';
import { unclaimedFiles } from './migrations/0044-unclaimed-files.js';
import { audioSeconds } from './migrations/0042-audio-seconds.js';
import { passes } from './migrations/0045-passes.js';
import { callsByStart } from './migrations/0046-calls-by-start.js';
import { storyVersions } from './migrations/0047-story-versions.js';
import { numbersTakenBack } from './migrations/0048-numbers-taken-back.js';
import { forkClaims } from './migrations/0049-fork-claims.js';
import { givenFiles } from './migrations/0050-given-files.js';

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
  '0012-dead-workers': deadWorkers,
  '0013-ends': ends,
  '0021-answered-by': answeredBy,
  '0023-items': items,
  '0025-documents': documents,
  '0026-aliases': aliases,
  '0027-themes': themes,
  '0028-conversations': conversations,
  '0030-order-of-fields': orderOfFields,
  '0031-budgets': budgets,
  '0032-forks': forks,
  '0033-research': research,
  '0034-stories': stories,
  '0038-names-and-numbers': namesAndNumbers,
  '0039-files': files,
  '0040-made-files': madeFiles,
  '0042-audio-seconds': audioSeconds,
  '0043-workbook-chats': workbookChats,
  '0044-unclaimed-files': unclaimedFiles,
  '0045-passes': passes,
  '0046-calls-by-start': callsByStart,
  '0047-story-versions': storyVersions,
  '0048-numbers-taken-back': numbersTakenBack,
  '0049-fork-claims': forkClaims,
  '0050-given-files': givenFiles,
};

/** A newer version has run on the database. No waiting mends that. */
export class NewerDatabaseError extends Error {
  override name = 'NewerDatabaseError';
}

/**
 * Brings the schema up to date; safe to call from several processes at once (an advisory lock lets one do it).
 * @throws {NewerDatabaseError}
 * @throws when the database cannot be reached or a migration fails.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  const [unknown] = await unknownMigrations(db);
  if (unknown !== undefined) {
    throw new NewerDatabaseError(
      `The database has the migration ${unknown}, which this version does not know.`,
      {
        cause: error,
      },
    );
  }
  throw error instanceof Error ? error : new Error('the migration failed', { cause: error });
}

/** What has run on the database and is not ours. None when it cannot be asked: the first error says why. */
async function unknownMigrations(db: Database): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
    return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name));
  } catch {
    return [];
  }
}
