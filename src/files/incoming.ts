import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Problem } from '../problems/problems.js';

export interface IncomingLimits {
  /** Bytes of the whole body. */
  mostBytes: number;
  /** In ms: so long the client may send nothing. */
  stallMs: number;
  /** @returns the refusal of a body that is longer */
  tooLarge: () => Problem;
}

/** The body of an upload. It fails when the client goes away, sends nothing for too long, or too much. */
export interface Incoming {
  bytes: PassThrough;
  /** Lets what still comes pass by, so that a refusal reaches the client. */
  leave(): void;
}

/** So often is looked in the time that a client may send nothing. */
const looks = 4;

/** Bytes that stand between the socket and who reads them. */
const buffered = 64 * 1024;

export function incoming(raw: IncomingMessage, { mostBytes, stallMs, tooLarge }: IncomingLimits): Incoming {
  const bytes = new PassThrough({ highWaterMark: buffered });
  // Whoever reads it is told; before anybody does, nobody has to hear.
  bytes.on('error', () => undefined);
  let came = 0;
  let quietLooks = 0;
  const move = (piece: Buffer) => {
    came += piece.length;
    quietLooks = 0;
    if (came > mostBytes) bytes.destroy(tooLarge());
  };
  const look = setInterval(() => {
    // Where there is no room, it is the database that is waited for, and not the client.
    quietLooks = bytes.writableNeedDrain ? 0 : quietLooks + 1;
    // By the clock, a process that stood still would end all its uploads.
    if (quietLooks > looks) bytes.destroy(stalled(stallMs));
  }, stallMs / looks);
  const broken = () => {
    if (!raw.complete) bytes.destroy(new Problem('malformed-request', 'The upload broke off.'));
  };
  bytes.once('close', () => {
    clearInterval(look);
    raw.off('data', move);
  });
  raw.once('end', () => clearInterval(look));
  raw.once('error', broken);
  raw.once('close', broken);
  raw.on('data', move);
  raw.pipe(bytes);
  return {
    bytes,
    leave() {
      raw.unpipe(bytes);
      bytes.destroy();
      raw.resume();
    },
  };
}

const stalled = (ms: number) =>
  new Problem('request-timed-out', `The upload stood still for ${Math.round(ms / 1000)} s.`);
