import { createRoom } from '../room.js';

/** In ms. The attempt of an operation has twenty minutes. */
const longestWait = 5 * 60_000;

/** Tables that are read in a worker at once: each may hold a quarter of its heap for a while. */
const room = createRoom(2, longestWait);

/** Waits until it is its turn. @throws {HeldTooLong} after its longest wait, and what the signal was aborted with while it waits */
export const fewAtOnce = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  room.within({ size: 1, signal }, work);
