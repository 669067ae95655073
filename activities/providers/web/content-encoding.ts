import { pipeline, Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  inflateRaw,
} from 'node:zlib';
import { StepFailure } from '../../frame/step-failure.js';
import { errorCode } from '../error-code.js';
import { gzipHeaderLength } from './gzip-header.js';

/** What the request offers. `deflate` is decoded but not asked for: servers disagree about what it means. */
export const acceptEncoding = 'gzip, br';

export interface UndoOptions {
  limitBytes: number;
  /** Host and path, for failures. */
  where: string;
}

interface Coding {
  make: () => Transform;
  /** Whether a body that begins like this is encoded so. */
  fits: (start: Buffer) => boolean;
}

/** As much as a decision takes. */
const startBytes = 64;

const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;
const isZlib = (start: Buffer): boolean =>
  start.length > 1 && (start[0] ?? 0) % 16 === 8 && start.readUInt16BE(0) % 31 === 0;
const isZstd = (start: Buffer): boolean => start.length > 3 && start.readUInt32LE(0) === 0xfd2fb528;
/** Markup, after white space or a mark of the byte order: none of the encodings begins so. */
const isMarkup = (start: Buffer): boolean => /^(\xef\xbb\xbf)?\s*<[!?a-z/]/i.test(start.toString('latin1'));
const isText = (start: Buffer): boolean => !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(start.toString('latin1'));

const codings: Readonly<Record<string, Coding>> = {
  gzip: { make: createGunzip, fits: isGzip },
  'x-gzip': { make: createGunzip, fits: isGzip },
  deflate: { make: createInflate, fits: isZlib },
  br: { make: createBrotliDecompress, fits: (start) => !isMarkup(start) },
  zstd: { make: createZstdDecompress, fits: isZstd },
};

/**
 * Undoes one encoding. What the body begins with counts more than what it is called. Servers send plain bodies under the
 * names of encodings, and encoded ones under names of charsets.
 */
export function undo(name: string, { limitBytes, where }: UndoOptions) {
  return async function* undone(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const iterator = source[Symbol.asyncIterator]();
    let start: Buffer = Buffer.alloc(0);
    while (start.length < startBytes) {
      const next = await iterator.next();
      if (next.done) break;
      start = Buffer.concat([start, next.value]);
    }
    const whole = continued(start, iterator);
    if (start.length === 0) return;
    const coding = Object.hasOwn(codings, name) ? codings[name] : undefined;
    if (isGzip(start)) yield* gunzipped(whole, limitBytes);
    else if (coding?.fits(start)) yield* decoded(whole, coding.make());
    else if (isZstd(start)) yield* decoded(whole, createZstdDecompress());
    else if (name === 'none' || isMarkup(start)) yield* whole;
    else if (name === 'deflate') yield* decoded(whole, createInflateRaw());
    else if (!coding && isText(start)) yield* whole;
    else
      throw new StepFailure(
        'unsupported-content',
        `${where} is not encoded as the server says (${name.slice(0, 40)}).`,
      );
  };
}

async function* continued(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* decoded(source: AsyncIterable<Buffer>, decoder: Transform): AsyncGenerator<Buffer> {
  // Its errors arrive where the decoder is read.
  pipeline(Readable.from(source), decoder, () => {});
  yield* decoder as AsyncIterable<Buffer>;
}

const inflateRest = promisify(inflateRaw);

/** Browsers show a page whose check sum is wrong or missing, as long as what it is about has come whole. */
async function* gunzipped(source: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Buffer> {
  const kept: Buffer[] = [];
  const keep = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      kept.push(chunk);
      yield chunk;
    }
  };
  let bytes = 0;
  try {
    for await (const chunk of decoded(keep(), createGunzip())) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (!/^Z_(BUF|DATA)_ERROR$/.test(errorCode(error) ?? '')) throw error;
    const all = Buffer.concat(kept);
    const whole = await inflateRest(all.subarray(gzipHeaderLength(all)), {
      maxOutputLength: limitBytes + 1,
    }).catch(() => {
      throw error;
    });
    yield whole.subarray(bytes);
  }
}
