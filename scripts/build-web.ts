import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { build } from 'vite';
import { projectRoot } from './local/project.js';

const out = join(projectRoot, 'dist/web');

await build({
  root: join(projectRoot, 'web'),
  configFile: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2023',
    // As data they would need an exception in the page's policy.
    assetsInlineLimit: 0,
    // Its code stands in the page itself, which the policy forbids.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries mark what may run on a server, too. There is none here.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
});

/** Once here, and not for every visitor. */
const assets = join(out, 'assets');
for (const name of await readdir(assets)) {
  const content = await readFile(join(assets, name));
  await writeFile(join(assets, `${name}.br`), await promisify(brotliCompress)(content));
  await writeFile(join(assets, `${name}.gz`), await promisify(gzip)(content));
}
