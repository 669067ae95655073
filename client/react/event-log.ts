import type { Client } from '../client/index.js';
import type { Event } from '../types.gen.js';
import { pause } from './browser.js';
import { readStream } from './event-stream.js';
import { waitMs } from './waits.js';

export type Connection = 'connecting' | 'live' | 'lost' | 'over';

/** One connection, from its opening on. */
export interface Opening {
  client: Client;
  /** The number of the last event that is known. */
  after: number;
  signal: AbortSignal;
  /** Anything was heard. */
  onHeard: () => void;
  onEvent: (event: Event) => void;
}

/** What came of one connection. */
export interface Reading {
  /** Whether the log was refused, and is not asked for again. */
  refused: boolean;
  /** How long the API asks to be left alone. */
  askedMs: number;
}

/** Reads the log of a job by one connection, for as long as that lasts. */
export type ReadLog = (id: string, opening: Opening) => Promise<Reading>;

export interface Following {
  client: Client;
  read?: ReadLog | undefined;
  onEvent: (event: Event) => void;
  onState: (state: Connection) => void;
}

/**
 * Follows the log of a job to its end, through every loss of the connection.
 * @returns what stops it
 */
export function followLog(
  id: string,
  { client, read = readStream, onEvent, onState }: Following,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let after = 0;
  let ended = false;
  const hear = (event: Event) => {
    if (signal.aborted) return;
    after = event.seq;
    ended = event.type === 'end';
    onEvent(event);
  };
  const onHeard = () => {
    if (!signal.aborted) onState('live');
  };

  const run = async () => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const before = after;
      onState(tries === 0 ? 'connecting' : 'lost');
      const { refused, askedMs } = await read(id, { client, after, signal, onHeard, onEvent: hear }).catch(
        () => ({ refused: false, askedMs: 0 }),
      );
      if (signal.aborted) return;
      const isOver = ended || refused;
      onState(isOver ? 'over' : 'lost');
      if (isOver) return;
      if (after > before) tries = 0;
      await pause(Math.max(waitMs(tries), askedMs), signal);
    }
  };
  void run();
  return () => stop.abort();
}
