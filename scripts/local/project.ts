import { fileURLToPath } from 'node:url';

/** The folder of package.json. The compiled file lies three folders below it, in dist/scripts/local. */
export const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));
