import type { ByteRange } from '../../store/files.js';

/** A file of audio, wherever it lies. */
export interface AudioSource {
  /** For people and for the provider, which goes by its ending. */
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** A part of it, piece after piece. */
  bytes(range: ByteRange): AsyncIterable<Uint8Array>;
}

export async function readBytes({ bytes }: Pick<AudioSource, 'bytes'>, range: ByteRange): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes(range)) pieces.push(piece);
  return Buffer.concat(pieces);
}
