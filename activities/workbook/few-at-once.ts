import { createRoom } from '../room.js';

/** Tables that are read in a worker at once: each may hold a quarter of its heap for a while. */
const room = createRoom(2);

/** Waits until it is its turn. @throws what the signal was aborted with, while it waits */
export const fewAtOnce = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  room.within({ size: 1, signal }, work);
