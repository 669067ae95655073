import { link, lstat, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { kindAt, namesBelow } from './below.js';
import { FolderRefused, OutputNotWritten, codeOf } from './refusals.js';
import { type Unfinished, withUnfinished } from './unfinished-file.js';

export interface Output extends Unfinished {
  /** Absolute, or from the root; made when it is not there yet. */
  folder: string;
  /** Of the file, from the folder, with "/" between its names: as `InputFolder` lists an input, and an ending. */
  name: string;
}

/** What is written below one folder of the machine, which the operator has named. */
export interface OutputFolder {
  /** @throws {FolderRefused} for a folder that lies outside, is reached over a link, or has a file in its way */
  check(folder: string): Promise<void>;
  /**
   * Writes a file, whole or not at all. A name that is taken gets a number, and a file with the same text is left as it is:
   * a repeated attempt writes nothing.
   * @returns the path from the root
   * @throws {FolderRefused} as `check` does
   * @throws {OutputNotWritten} where the disk is full, or the folder may not be written to
   */
  write(output: Output): Promise<string>;
}

/** Bytes of a name: systems take 255, and a number and the mark of an unfinished file are added. */
const longestName = 200;
/** Files of one name and different texts. */
const mostOfOneName = 1_000;

/** @param root from the working directory of the process, where it is not absolute; made when something is written */
export function createOutputFolder(root: string): OutputFolder {
  const namesOf = async (folder: string): Promise<string[]> => {
    const names = await namesBelow(root, folder);
    if (!names) throw refused(folder);
    for (const count of Array.from({ length: names.length + 1 }).keys()) {
      const kind = await kindAt(root, names.slice(0, count));
      if (kind === 'nothing') break;
      if (kind !== 'folder') throw refused(folder);
    }
    return names;
  };
  return {
    check: async (folder) => void (await namesOf(folder)),

    async write({ folder, name, text, writer }) {
      const inner = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
      const file = shortened(inner.pop() ?? '');
      const names = await namesOf(path.join(folder, ...inner));
      const target = path.join(root, ...names);
      try {
        await made(target);
        // What was made since the look above.
        if ((await kindAt(root, names)) !== 'folder') throw refused(folder);
        return [...names, await writeNew(target, { file, text, writer })].join('/');
      } catch (error) {
        if (codeOf(error) === '' || error instanceof FolderRefused) throw error;
        throw new OutputNotWritten(
          `The file ${JSON.stringify(name)} could not be written (${codeOf(error)}).`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** With the folders it stands in. Node's own way of it never ends where a system takes no folder, as below /proc. */
async function made(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const above = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || above === folder || (await isThere(above))) throw error;
    await made(above);
    await made(folder);
  }
}

async function isThere(folder: string): Promise<boolean> {
  try {
    await lstat(folder);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return false;
  }
}

/** @returns the name that was free */
const writeNew = (folder: string, { file, ...whole }: Unfinished & { file: string }): Promise<string> =>
  withUnfinished(folder, whole, async (unfinished) => {
    for (const number of Array.from({ length: mostOfOneName }).keys()) {
      const name = numbered(file, number + 1);
      if (await took(path.join(folder, name), { unfinished, text: whole.text })) return name;
    }
    throw new OutputNotWritten(
      `There are ${mostOfOneName} files of the name ${JSON.stringify(file)} already.`,
    );
  });

/** A second name for the finished file: unlike a rename, it never takes the place of what is there. */
async function took(place: string, { unfinished, text }: { unfinished: string; text: string }) {
  try {
    await link(unfinished, place);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const there = await lstat(place);
    return (
      there.isFile() && there.size === Buffer.byteLength(text) && (await readFile(place, 'utf8')) === text
    );
  }
}

/** "a.txt", "a-2.txt". */
function numbered(file: string, number: number): string {
  if (number === 1) return file;
  const { name, ext } = path.parse(file);
  return `${name}-${number}${ext}`;
}

function shortened(file: string): string {
  const { name, ext } = path.parse(file);
  let kept = name === '' ? 'output' : name;
  while (Buffer.byteLength(kept + ext) > longestName) kept = kept.slice(0, -1).toWellFormed();
  return kept + ext;
}

const refused = (folder: string) =>
  new FolderRefused(
    `${JSON.stringify(folder.slice(0, 200))} is no folder below OUTPUT_ROOT that can be used.`,
  );
