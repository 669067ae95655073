import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StepFailure } from '../../frame/step-failure.js';
import { undo } from './content-encoding.js';
import type { PageRoom } from './page-room.js';

/** One is usual, two happen by mistake; each further one only multiplies work. */
const mostEncodings = 2;

/** What was done to the body, the last first. */
function encodingsOf(contentEncoding: string, where: string): string[] {
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > mostEncodings) {
    throw new StepFailure('unsupported-content', `${where} was encoded ${names.length} times over.`);
  }
  // A server that compresses without saying so is understood too.
  return names.length === 0 ? ['none'] : names.toReversed();
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

/** Decodes while reading and stops at the limit, so that no body costs more memory than twice that. */
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

  async function* wire(): AsyncGenerator<Buffer> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const failure = onTheWire(chunk);
      if (failure) throw failure;
      yield chunk;
    }
  }
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const failure = decoded(chunk);
      if (!failure) chunks.push(chunk);
      const held = failure ? null : room?.grow(chunk.length, signal);
      if (held) held.then(() => done(), done);
      else done(failure);
    },
  });
  const undone = encodingsOf(contentEncoding, where).map((name) => undo(name, { limitBytes, where }));
  const coded = undone.reduce<AsyncIterable<Buffer>>((source, layer) => layer(source), wire());
  await pipeline(coded, sink, { signal });
  return Buffer.concat(chunks);
}
