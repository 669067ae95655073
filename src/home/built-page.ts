import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyStaticOptions } from '@fastify/static';

/** Beside dist/src, in the image and in the repository alike. */
const folder = new URL('../../web/', import.meta.url);

/** Null where nobody has built the page. */
export async function readBuiltPage(): Promise<string | null> {
  try {
    return await readFile(new URL('index.html', folder), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** A name says what is in the file, so nobody has to ask twice. What is compressed was compressed by the build. */
export const builtAssets: FastifyStaticOptions = {
  root: fileURLToPath(new URL('assets/', folder)),
  prefix: '/assets/',
  index: false,
  preCompressed: true,
  immutable: true,
  maxAge: '365d',
  decorateReply: false,
};
