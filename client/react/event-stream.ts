import type { Event } from '../types.gen.js';
import type { Opening, Reading } from './event-log.js';
import { askedMs, isRefusal } from './waits.js';

/** A comment comes every 15 s: what is silent for so long is gone. */
const silenceMs = 40_000;

/**
 * Reads the log of a job by an event stream. It does so with `fetch` and not with EventSource, which cannot send the
 * header of a key.
 */
export async function readStream(
  id: string,
  { client, after, signal, onHeard, onEvent }: Opening,
): Promise<Reading> {
  let answer: Response | undefined;
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), silenceMs);
  };
  const watched: typeof fetch = async (input, init) => {
    const send = client.getConfig().fetch ?? globalThis.fetch;
    answer = await send(input, { ...init, signal: AbortSignal.any([signal, silent.signal]) });
    if (!answer.ok || answer.body === null) return answer;
    const listening = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        // Not with the headers: what stands between may hold back all the rest.
        onHeard();
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
        if (data !== undefined && event !== 'error') onEvent(data as Event);
      },
    });
    while (!(await stream.next()).done);
  } finally {
    clearTimeout(timer);
  }
  return { refused: isRefusal(answer?.status ?? 0), askedMs: askedMs(answer) };
}
