import type { Socket } from 'node:net';

/** How much of what a refused client goes on sending is read and thrown away, in bytes and milliseconds. */
const mostBytes = 64 * 1024 * 1024;
const longestMs = 5_000;
const lookEveryMs = 100;

export interface Lingering {
  /** Whether all has come that the client began to send. */
  isRead: () => boolean;
  /** Whether the connection ends then. It is used again otherwise. */
  ends: boolean;
}

/**
 * Gives a client that is still sending the time to find out that it was refused. If a connection is closed while bytes
 * of the client are unread, the client gets a reset in place of the answer.
 */
export function linger(socket: Socket, { isRead, ends }: Lingering): void {
  const began = performance.now();
  const before = socket.bytesRead;
  const look = setInterval(() => {
    const isOver = socket.bytesRead - before > mostBytes || performance.now() - began > longestMs;
    if (isOver && !isRead()) socket.destroy();
    else if (isRead() && ends) socket.destroySoon();
    // One that broke while it was being answered closes no more.
    if (isOver || isRead() || socket.destroyed) clearInterval(look);
  }, lookEveryMs);
}
