import { Transform, Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { StepFailure } from '../../frame/step-failure.js';
import type { PageRoom } from './page-room.js';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
};

/** What the request offers. `deflate` is decoded but not asked for: servers disagree about what it means. */
export const acceptEncoding = 'gzip, br';

/** One is usual, two happen by mistake; each further one only multiplies work. */
const mostEncodings = 2;

/** One decoder an encoding, in the order they undo what was done. */
function decodersFor(contentEncoding: string, where: string): Transform[] {
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > mostEncodings) {
    throw new StepFailure('unsupported-content', `${where} was encoded ${names.length} times over.`);
  }
  const makers = names.toReversed().map((name) => {
    const make = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (make) return make;
    throw new StepFailure('unsupported-content', `${where} came in an encoding that was not asked for.`);
  });
  return makers.map((make) => make());
}

export interface BodyOptions {
  contentEncoding: string;
  /** As announced; 0 when it is not. */
  contentLength: number;
  /** As it comes over the wire and, separately, decoded: 100 KB of gzip can hold 100 MB. */
  limitBytes: number;
  /** Host and path, for failures. */
  where: string;
  room: PageRoom | undefined;
  signal: AbortSignal;
}

/** Decodes while reading and stops at the limit, so that no body costs more memory than that. */
export async function readBody(body: Readable, options: BodyOptions): Promise<Buffer> {
  const { contentEncoding, contentLength, limitBytes, where, room, signal } = options;
  const tooLarge = (): StepFailure =>
    new StepFailure(
      'page-too-large',
      `${where} is larger than ${limitBytes / 1_000_000} MB; reading stopped there.`,
    );
  if (contentLength > limitBytes) throw tooLarge();

  const counted = (): ((chunk: Buffer) => Error | null) => {
    let bytes = 0;
    return (chunk) => {
      bytes += chunk.length;
      return bytes > limitBytes ? tooLarge() : null;
    };
  };
  const onTheWire = counted();
  const decoded = counted();
  const chunks: Buffer[] = [];

  const wire = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(onTheWire(chunk), chunk),
  });
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const failure = decoded(chunk);
      if (!failure) chunks.push(chunk);
      const held = failure ? null : room?.grow(chunk.length, signal);
      if (held) held.then(() => done(), done);
      else done(failure);
    },
  });
  await pipeline([body, wire, ...decodersFor(contentEncoding, where), sink], { signal });
  return Buffer.concat(chunks);
}
