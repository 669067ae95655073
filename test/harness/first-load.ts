import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { projectRoot } from '../../scripts/local/project.js';

/** How the build has compressed what it made: the ending of a file, and what makes it. */
const encodings = {
  br: promisify(brotliCompress),
  gz: promisify(gzip),
} as const;

const built = join(projectRoot, 'dist/web');

/** Bytes that come before the list can be seen: the page as it was built, and all that it names. */
export async function firstLoad(encoding: keyof typeof encodings): Promise<number> {
  const page = await readFile(join(built, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  const sizes = await Promise.all(
    named.map(async (path) => (await stat(join(built, `${path}.${encoding}`))).size),
  );
  const { length } = await encodings[encoding](page);
  return sizes.reduce((sum, size) => sum + size, length);
}
