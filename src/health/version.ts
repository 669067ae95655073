import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Three folders above the compiled file, in the image and in the repository alike. */
const manifest = new URL('../../../package.json', import.meta.url);

export const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(manifest, 'utf8')) as unknown);

export const runtime = `Node ${process.versions.node}`;
