import pg from 'pg';

/** Asks the server the least it can be asked, on a connection that nothing else uses. */
export interface Probe {
  /** Resolves when the server has answered. @throws when it is away, or has not answered within 2 s */
  ask(): Promise<void>;
  close(): Promise<void>;
}

const limitMs = 2_000;

/** Opens nothing until it is asked, and gives its connection up soon after. */
export function openProbe(url: string, name: string): Probe {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: 1,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    idleTimeoutMillis: 10_000,
  });
  // What it says when a connection breaks says the next answer too.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    async ask() {
      const client = await pool.connect();
      let broken = true;
      try {
        await client.query('select 1');
        broken = false;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}
