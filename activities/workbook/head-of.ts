import { open } from 'node:fs/promises';

/** Bytes that are looked at to tell what a file is. */
export const looked = 64 * 1024;

/** The first of its bytes, fewer where it is shorter. */
export async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(looked), 0, looked, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
