import { createStandingConnection } from './standing-connection.js';

export interface LifelineOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  /** Of the process. */
  worker: number;
  onError(error: unknown): void;
  /** From here on the database knows that the worker lives. */
  onStanding(): void;
  /** From here on the worker may be taken for dead. */
  onDown(): void;
}

export interface Lifeline {
  /** The schema has to be there. */
  open(): void;
  close(): Promise<void>;
}

/** Whose session ends is taken for dead within half a second or so: a worker that lives has to be back before that. */
const longestPauseMs = 200;

/** A session whose lock says that a worker lives. The system ends the session of a process that dies, however it dies. */
export const createLifeline = (url: string, { worker, ...options }: LifelineOptions): Lifeline =>
  createStandingConnection(url, {
    ...options,
    longestPauseMs,
    // Waits while another process carries out what a dead worker of this number has left.
    async prepare(client) {
      await client.query(`select pg_advisory_lock('attempts_under_way'::regclass::integer, $1)`, [worker]);
    },
  });
