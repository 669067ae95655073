import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { Problem } from '../problems/problems.js';

export interface FormFile {
  /** Fails with a problem alone. */
  bytes: AsyncIterable<Uint8Array>;
  /** As the client writes it; may be a path, or missing. */
  name: string | undefined;
  /** Of the part. */
  type: string;
  /** Resolves when the rest of the form has been read. Rejects where that is no form. */
  ended: Promise<void>;
}

/** Of what a form may hold beside its file. */
const limits = { files: 1, fields: 20, parts: 25, fieldSize: 4_096, headerPairs: 20 };

/** Bytes of a form that are no part of its file. */
export const formBytes = 128 * 1024;

/** @throws {Problem} file-missing, malformed-request, and what the source fails with */
export async function fileInForm(source: Readable, contentType: string): Promise<FormFile> {
  const found = Promise.withResolvers<FormFile>();
  const ended = Promise.withResolvers<void>();
  // Whoever was not given the file does not wait for the rest.
  ended.promise.catch(() => undefined);
  const form = openForm(contentType);
  let file: BusboyFileStream | null = null;
  const fail = (error: unknown) => {
    found.reject(error);
    ended.reject(error);
    // A reader of a stream is told of its failure by an error alone.
    file?.destroy(error instanceof Error ? error : new Error(String(error)));
    source.unpipe(form);
  };
  form.on('file', (_field, bytes, name, _encoding, type) => {
    file = bytes;
    bytes.on('error', (error) => fail(error instanceof Problem ? error : broken(error)));
    found.resolve({ bytes: explained(bytes, ended.promise), name, type, ended: ended.promise });
  });
  form.on('filesLimit', () => fail(new Problem('file-missing', 'The form has more than one file.')));
  form.on('error', (error: unknown) => fail(broken(error)));
  form.on('finish', () => {
    found.reject(new Problem('file-missing', 'The form has no file.'));
    ended.resolve();
  });
  source.on('error', fail);
  source.pipe(form);
  return found.promise;
}

/** The parser tells a reader of the file what it found in words of its own, and the end of the form as a problem. */
async function* explained(bytes: Readable, ended: Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of bytes) yield piece as Uint8Array;
  } catch (error) {
    await ended;
    throw error;
  }
}

/** @throws {Problem} malformed-request */
function openForm(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch (error) {
    throw broken(error);
  }
}

const broken = (error: unknown) =>
  new Problem('malformed-request', 'The form cannot be read, or breaks off.', { cause: error });
