import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the project, from where the compiled tests are. */
export const root = resolve(import.meta.dirname, '../../..');

const isOurs = (name: string): boolean => !/^(\.git|\.data|node_modules|dist|coverage)$/.test(name);

const topLevel = readdirSync(root, { withFileTypes: true }).filter(({ name }) => isOurs(name));

/** Folders at the top, without those that begin with a dot. */
export const topFolders: readonly string[] = topLevel
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  .map(({ name }) => name);

/** Every file and folder of the repository, from its top. */
export const paths: readonly string[] = [
  ...topLevel.map(({ name }) => name),
  ...topFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((path) => !path.includes('/node_modules/')),
  ),
];
