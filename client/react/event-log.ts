import type { Client } from '../client/index.js';
import type { Event } from '../types.gen.js';
import { pause } from './browser.js';
import { askedMs, waitMs } from './waits.js';

/** A comment comes every 15 s: what is silent for so long is gone. */
const silenceMs = 40_000;

export type Connection = 'connecting' | 'live' | 'lost' | 'over';

export interface Following {
  client: Client;
  onEvent: (event: Event) => void;
  onState: (state: Connection) => void;
}

/** What came of one connection. */
interface Reading {
  /** Whether there is anything more to come. */
  more: boolean;
  /** How long the API asks to be left alone. */
  askedMs: number;
}

/**
 * Follows the log of a job to its end, through every loss of the connection. It reads with `fetch` and not with
 * EventSource, which cannot send the header of a key.
 * @returns what stops it
 */
export function followLog(id: string, { client, onEvent, onState }: Following): () => void {
  const stop = new AbortController();
  let after = 0;

  const read = async (): Promise<Reading> => {
    let answer: Response | undefined;
    let ended = false;
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), silenceMs);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silenceMs);
    };
    const watched: typeof fetch = async (input, init) => {
      const send = client.getConfig().fetch ?? globalThis.fetch;
      answer = await send(input, { ...init, signal: AbortSignal.any([stop.signal, silent.signal]) });
      if (!answer.ok || answer.body === null) return answer;
      const listening = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          // Not with the headers: what stands between may hold back all the rest.
          onState('live');
          heard();
          controller.enqueue(chunk);
        },
      });
      return new Response(answer.body.pipeThrough(listening), answer);
    };
    try {
      const { stream } = await client.sse.get({
        url: '/v1/jobs/{id}/events',
        path: { id },
        query: { after },
        headers: { accept: 'text/event-stream' },
        security: [{ scheme: 'bearer', type: 'http' }],
        fetch: watched,
        // What comes next depends on the answer, and the generated client does not tell it.
        sseMaxRetryAttempts: 1,
        onSseEvent({ event, data }) {
          // The last word to a reader that was dropped is no event of the log.
          if (stop.signal.aborted || data === undefined || event === 'error') return;
          const told = data as Event;
          after = told.seq;
          ended = told.type === 'end';
          onEvent(told);
        },
      });
      while (!(await stream.next()).done);
    } finally {
      clearTimeout(timer);
    }
    const status = answer?.status ?? 0;
    const refused = status >= 400 && status < 500 && status !== 429 && status !== 408;
    return { more: !ended && !refused, askedMs: askedMs(answer) };
  };

  const run = async () => {
    for (let tries = 0; !stop.signal.aborted; tries += 1) {
      const before = after;
      onState(tries === 0 ? 'connecting' : 'lost');
      const { more, askedMs: least } = await read().catch(() => ({ more: true, askedMs: 0 }));
      if (stop.signal.aborted) return;
      onState(more ? 'lost' : 'over');
      if (!more) return;
      if (after > before) tries = 0;
      await pause(Math.max(waitMs(tries), least), stop.signal);
    }
  };
  void run();
  return () => stop.abort();
}
