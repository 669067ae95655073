import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { leadsNowhere } from './refusals.js';

/** How a path looks that leads nowhere below its root, or through a link. */
type Kind = 'folder' | 'file' | 'nothing' | 'refused';

/**
 * The names that lead from a root to a path, which is absolute or begins at the root. Null for one that lies outside.
 * The root may be a link, and then also goes by what it links to.
 */
export async function namesBelow(root: string, given: string): Promise<string[] | null> {
  if (given.includes('\0')) return null;
  const roots = [path.resolve(root), await realOf(root)];
  for (const one of roots) {
    const relative = path.relative(one, path.resolve(one, given));
    const names = relative === '' ? [] : relative.split(path.sep);
    if (names[0] !== '..' && !path.isAbsolute(relative)) return names;
  }
  return null;
}

async function realOf(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (error) {
    if (leadsNowhere(error)) return path.resolve(root);
    throw error;
  }
}

/** What is there. A link is refused wherever it stands below the root, so that nothing outside is reached. */
export async function kindAt(root: string, names: readonly string[]): Promise<Kind> {
  let kind: Kind = await kindOf(await realOf(root));
  for (const count of names.keys()) {
    if (kind !== 'folder') return kind === 'file' ? 'refused' : kind;
    kind = await kindOf(path.join(root, ...names.slice(0, count + 1)));
  }
  return kind;
}

async function kindOf(place: string): Promise<Kind> {
  try {
    const found = await lstat(place);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'refused';
  } catch (error) {
    if (leadsNowhere(error)) return 'nothing';
    throw error;
  }
}
