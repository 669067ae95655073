import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Problem } from '../problems/problems.js';

export interface IncomingLimits {
  /** Bytes of the whole body. */
  mostBytes: number;
  /** In ms: so long the client may send nothing, or too little. */
  stallMs: number;
  /** Bytes a second over that time. Whoever sends less would hold a place among the uploads for ever. */
  leastRate: number;
  /** @returns the refusal of a body that is longer */
  tooLarge: () => Problem;
}

/** The body of an upload. It fails when the client goes away, sends too little for too long, or too much. */
export interface Incoming {
  bytes: PassThrough;
  /** Lets what still comes pass by, so that a refusal reaches the client. */
  leave(): void;
}

/** So often is looked in the time that a client may send nothing. */
const looks = 4;

/** Bytes that stand between the socket and who reads them. */
const buffered = 64 * 1024;

export function incoming(
  raw: IncomingMessage,
  { mostBytes, stallMs, leastRate, tooLarge }: IncomingLimits,
): Incoming {
  const bytes = new PassThrough({ highWaterMark: buffered });
  // Whoever reads it is told; before anybody does, nobody has to hear.
  bytes.on('error', () => undefined);
  let came = 0;
  /** Bytes that had come by the last look. */
  let seen = 0;
  /** Bytes that came between the last looks. */
  const lately: number[] = [];
  const move = (piece: Buffer) => {
    came += piece.length;
    if (came > mostBytes) bytes.destroy(tooLarge());
  };
  const look = setInterval(() => {
    // Where there is no room, it is the database that is waited for, and not the client.
    lately.push(bytes.writableNeedDrain ? Infinity : came - seen);
    seen = came;
    // By the clock, a process that stood still would end all its uploads.
    if (lately.length <= looks) return;
    const sum = lately.reduce((all, one) => all + one, 0);
    lately.shift();
    if (sum < (leastRate * stallMs) / 1000) bytes.destroy(stalled(sum, { stallMs, leastRate }));
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

function stalled(bytes: number, { stallMs, leastRate }: Pick<IncomingLimits, 'stallMs' | 'leastRate'>) {
  const did = bytes === 0 ? 'stood still' : `brought less than ${leastRate} bytes a second`;
  return new Problem('request-timed-out', `The upload ${did} for ${Math.round(stallMs / 1000)} s.`);
}
