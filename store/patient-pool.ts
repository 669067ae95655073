import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** Waits for what the database was asked. @throws when it was waited for long enough */
export type Patience = <T>(asked: Promise<T>) => Promise<T>;

/**
 * A pool whose connections and answers are waited for with patience. What is given up stays under way at the server, so
 * that its connection is closed and never used again.
 */
export function patientPool(pool: pg.Pool, patience: Patience): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      const connecting = pool.connect();
      try {
        return patientClient(await patience(connecting), patience);
      } catch (error) {
        // Nobody is there any more for one that comes after all.
        connecting.then(
          (client) => client.release(),
          () => undefined,
        );
        throw error;
      }
    },
    end: () => pool.end(),
  };
}

function patientClient(client: pg.PoolClient, patience: Patience): PostgresPoolClient {
  let givenUp: Error | null = null;
  const query = async (text: string, parameters: unknown[]) => {
    // The rollback of what was given up.
    if (givenUp !== null) throw givenUp;
    let settled = false;
    const answer = client.query(text, parameters).finally(() => {
      settled = true;
    });
    try {
      return await patience(answer);
    } catch (error) {
      if (!settled) givenUp = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  };
  return {
    // Cursors, which the type offers too, are used nowhere.
    query: query as unknown as PostgresPoolClient['query'],
    release: (discard = false) => client.release(discard || givenUp !== null),
  };
}
