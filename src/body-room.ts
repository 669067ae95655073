import type { FastifyInstance } from 'fastify';
import { answerLimit } from './limits.js';
import { Problem } from './problems/problems.js';
import { within } from './within.js';

/**
 * Bytes of bodies that are taken apart and under way at once. With what is made of it, a body takes several times its
 * bytes of the heap, which is 384 MB. Others wait as they came, outside the heap.
 */
export const mostBytes = 4 * answerLimit;

/** Bytes. What is smaller takes about as much as the connection it came on, and does not wait. */
export const smallBody = 64 * 1024;

/** In ms. What has no room by then is refused. */
const turnMs = 10_000;

/** Room for large bodies, in the order in which they came. */
class BodyRoom {
  private taken = 0;
  private readonly line = new Set<{ bytes: number; enter: () => void }>();

  /** Resolves when there is room, which is to be given back. @throws {Problem} rate-limited */
  async take(bytes: number): Promise<void> {
    if (this.line.size === 0 && this.taken + bytes <= mostBytes) {
      this.taken += bytes;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { bytes, enter: resolve };
    this.line.add(waiting);
    try {
      await within(turnMs, promise);
    } catch (error) {
      // The turn may have come in the same moment.
      if (!this.line.delete(waiting)) this.give(bytes);
      this.let();
      const detail = 'The large bodies that are under way here take all the room there is for them.';
      throw new Problem('rate-limited', detail, { retryAfter: 2, cause: error });
    }
  }

  give(bytes: number): void {
    this.taken -= bytes;
    this.let();
  }

  private let(): void {
    for (const waiting of this.line) {
      if (this.taken + waiting.bytes > mostBytes) return;
      this.line.delete(waiting);
      this.taken += waiting.bytes;
      waiting.enter();
    }
  }
}

/** @returns what waits for room for the body of a request; the room is given back when the request is answered */
export function boundBodies(fastify: FastifyInstance): (request: object, bytes: number) => Promise<void> {
  const room = new BodyRoom();
  const taken = new WeakMap<object, number>();
  // Of a client that has hung up too: what was begun for it goes on to its end.
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    const bytes = taken.get(request);
    if (bytes !== undefined) {
      taken.delete(request);
      room.give(bytes);
    }
    done();
  });
  return async (request, bytes) => {
    if (bytes < smallBody) return;
    await room.take(bytes);
    taken.set(request, bytes);
  };
}
