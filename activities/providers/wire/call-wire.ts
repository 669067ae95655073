import { Agent, fetch as fetchByUndici } from 'undici';
import { pieceMs } from '../../frame/text-pace.js';
import { type Hearing, type Listen, nothingHeard } from './dialect.js';
import { type Frame, readFrames } from './frames.js';
import { gathered } from './gathered.js';

export interface WireOptions {
  /** How the provider's stream is read. */
  listen: Listen;
  /** Told of every sign of life, be it no more than a comment. */
  onLife(): void;
}

/** The connection of one call, between the provider and the SDK. */
export interface CallWire {
  /** What the SDK is given to fetch with. */
  fetch: typeof globalThis.fetch;
  readonly hearing: Readonly<Hearing>;
  /** What broke the connection before the provider had said that its answer is complete; null when nothing did. */
  readonly broken: unknown;
  /** The call is over. */
  end(): void;
}

/** A request may wait in the server's own queue: how long that is borne is decided where the call is made. */
const patient = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

/** Behind the end of an answer, what it cost may follow, and then the end of the stream. */
const afterEndMs = 5_000;

/** Calls of this process that are being answered. */
const answering = new Set<CallWire>();

const encoder = new TextEncoder();

/**
 * Reads what the provider says, whatever its form, and hands it on in the form that the SDK expects. After the end was
 * said, what the connection does means nothing. What follows the first words is handed on in pieces: the SDK takes as
 * long over a word as over a hundred. With a hundred answers at once, single words keep a worker busy altogether.
 */
export function createCallWire({ listen, onLife }: WireOptions): CallWire {
  const hearing = nothingHeard();
  const dialect = listen(hearing);
  let broken: unknown = null;

  /** @returns whether nothing of what follows counts */
  function readAll(frames: readonly Frame[]): boolean {
    for (const frame of frames) {
      dialect.read(frame);
      if (hearing.finish === 'stop') hearing.fault = null;
      if (hearing.done || hearing.fault) return true;
    }
    return false;
  }

  async function* handedOn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    // Nothing is gathered before the first words, nor behind the end.
    const speaks = () => (hearing.said || hearing.reasoned) && hearing.finish === null;
    const everyMs = () => (speaks() ? pieceMs(answering.size) : 0);
    const groups = readFrames(gathered(body, { everyMs, onEach: onLife }));
    try {
      for (;;) {
        const frames = await nextOf(groups, hearing.finish === null ? null : afterEndMs);
        if (frames === null) break;
        const isOver = readAll(frames);
        const events = dialect.take();
        if (events !== '') yield encoder.encode(events);
        if (isOver) break;
      }
    } catch (error) {
      if (hearing.finish === null) broken = error ?? new Error('terminated');
    }
    // Not waited for: a stream that is being read from ends when the call does. All that counts of it was read.
    void groups.return(undefined).catch(() => undefined);
    dialect.close();
    yield encoder.encode(dialect.take());
  }

  const wire: CallWire = {
    hearing,
    get broken() {
      return broken;
    },
    async fetch(input, init) {
      const request = { ...init, dispatcher: patient } as Parameters<typeof fetchByUndici>[1];
      const address = input instanceof Request ? input.url : input;
      const response = (await fetchByUndici(address, request)) as unknown as Response;
      onLife();
      if (!response.ok || response.body === null) return response;
      answering.add(wire);
      const stream = ReadableStream.from(handedOn(response.body as unknown as AsyncIterable<Uint8Array>));
      return new Response(stream, { status: response.status, headers: plainHeaders(response.headers) });
    },
    end: () => void answering.delete(wire),
  };
  return wire;
}

/** Null at the end, and where nothing follows within the time given. */
async function nextOf<T>(groups: AsyncGenerator<T>, limitMs: number | null): Promise<T | null> {
  const next = groups.next();
  // Its failure, if it is still waited for, comes by the race below.
  next.catch(() => undefined);
  if (limitMs === null) return valueOf(await next);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null);
  });
  try {
    const result = await Promise.race([next, late]);
    return result === null ? null : valueOf(result);
  } finally {
    clearTimeout(timer);
  }
}

const valueOf = <T>(result: IteratorResult<T, unknown>): T | null => (result.done ? null : result.value);

/** The SDK shows them with an error; those that are about the bytes are no longer true. */
const plainHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    [...headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding)$/.test(name)),
  );
