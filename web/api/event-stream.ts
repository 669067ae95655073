import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Event } from '../../client/index.js';
import { keyHeader, keyWanted } from './access.js';
import { waitMs } from './waits.js';

/** A comment comes every 15 s: what is silent for so long is gone. */
const silenceMs = 40_000;

export type Connection = 'connecting' | 'live' | 'lost' | 'over';

export interface Following {
  onEvent(event: Event): void;
  onState(state: Connection): void;
}

/**
 * Follows the log of a job to its end, through every loss of the connection. It reads with `fetch` and not with
 * EventSource, which cannot send the header that a key needs.
 * @returns what stops it
 */
export function followJob(id: string, { onEvent, onState }: Following): () => void {
  const stop = new AbortController();
  let after = 0;

  /** @returns whether there is anything more to come */
  const read = async (): Promise<boolean> => {
    const silent = new AbortController();
    let timer = window.setTimeout(() => silent.abort(), silenceMs);
    try {
      const answer = await fetch(`/v1/jobs/${encodeURIComponent(id)}/events?after=${after}`, {
        headers: { accept: 'text/event-stream', ...keyHeader() },
        signal: AbortSignal.any([stop.signal, silent.signal]),
      });
      if (answer.status === 401) keyWanted.set(true);
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return false;
      if (!answer.ok || answer.body === null) return true;
      onState('live');
      const alive = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          window.clearTimeout(timer);
          timer = window.setTimeout(() => silent.abort(), silenceMs);
          controller.enqueue(chunk);
        },
      });
      const messages = answer.body
        .pipeThrough(alive)
        .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
        .pipeThrough(new EventSourceParserStream())
        .getReader();
      for (;;) {
        const { done, value } = await messages.read();
        if (done) return true;
        // The last word to a reader that was dropped is no event of the log.
        if (value.id === undefined) continue;
        const event = JSON.parse(value.data) as Event;
        after = event.seq;
        onEvent(event);
        if (event.type === 'end') return false;
      }
    } finally {
      window.clearTimeout(timer);
    }
  };

  const run = async () => {
    for (let tries = 0; !stop.signal.aborted; tries += 1) {
      const before = after;
      onState(tries === 0 ? 'connecting' : 'lost');
      const more = await read().catch(() => true);
      if (!more) {
        onState('over');
        return;
      }
      if (after > before) tries = 0;
      await pause(waitMs(tries), stop.signal);
    }
  };
  void run();
  return () => stop.abort();
}

/** Ends at once where the browser says that the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = window.setTimeout(done, ms);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
