import pg from 'pg';

export interface Statement {
  /** As pg_stat_activity shows it. */
  application: string;
  text: string;
}

export interface HeldStatements {
  /** What was sent to the database, or would have been, since the beginning. */
  readonly asked: readonly Statement[];
  /** Sends what was held, and holds nothing more. */
  release(): void;
}

type Query = (this: { connectionParameters?: { application_name?: string } }, ...args: unknown[]) => unknown;

/** Keeps statements of this process from the database, and those who sent them waiting. */
export function holdStatements(isHeld: (statement: Statement) => boolean): HeldStatements {
  const client = pg.Client.prototype as unknown as { query: Query };
  const { query } = client;
  const asked: Statement[] = [];
  const released = Promise.withResolvers<void>();
  client.query = function (...args) {
    const [text] = args;
    const statement = {
      application: this.connectionParameters?.application_name ?? '',
      text: typeof text === 'string' ? text : '',
    };
    asked.push(statement);
    return isHeld(statement) ? released.promise.then(() => query.apply(this, args)) : query.apply(this, args);
  };
  return {
    asked,
    release() {
      client.query = query;
      released.resolve();
    },
  };
}
