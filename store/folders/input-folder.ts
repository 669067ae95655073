import { constants } from 'node:fs';
import type { Dirent } from 'node:fs';
import { type FileHandle, open, opendir } from 'node:fs/promises';
import path from 'node:path';
import { kindAt, namesBelow } from './below.js';
import { FileUnreadable, FolderRefused, leadsNowhere } from './refusals.js';

export interface Wanted {
  /** Absolute, or from the root. */
  folder: string;
  /** ".mp3"; files end in one of them, in any case. */
  endings: readonly string[];
  /** What is listed with those files, in whatever number, and is none of them: transcripts that lie beside audio. */
  beside?: readonly string[];
}

interface Limits {
  /** Files of one job: the names of so many are about 1 MB. */
  files: number;
  /** Names that are looked at for one list, fitting or not: about a second, and some 50 MB. */
  names: number;
}

const usualLimits: Limits = { files: 10_000, names: 200_000 };

/** What is read below one folder of the machine, which the operator has named. */
export interface InputFolder {
  /**
   * The fitting files of a folder and of those in it, sorted, each as its path from the root with "/" between the names.
   * @throws {FolderRefused} for a folder that lies outside, is not there or is reached over a link, and where nothing fits
   */
  list(wanted: Wanted): Promise<string[]>;
  /** A folder's path from the root, with "/" between the names. @throws {FolderRefused} as `list` does */
  pathOf(folder: string): Promise<string>;
  /**
   * A file for reading, which the caller closes.
   * @param file as `list` gave it
   * @throws {FileUnreadable} also for what has become a link since
   */
  open(file: string): Promise<FileHandle>;
}

/** @param root from the working directory of the process, where it is not absolute */
export const createInputFolder = (root: string, limits: Limits = usualLimits): InputFolder => ({
  async list({ folder, endings, beside = [] }) {
    const names = await namesOf(root, folder);
    const files: string[] = [];
    const wanted = setOf(endings);
    const also = setOf(beside);
    let count = 0;
    for await (const file of filesIn(root, names, {
      left: limits.names,
      refusal: () => tooLarge(folder, limits),
    })) {
      const ending = path.posix.extname(file).toLowerCase();
      if (wanted.has(ending)) count += 1;
      else if (!also.has(ending)) continue;
      if (count > limits.files) throw tooMany(folder, limits);
      files.push(file);
    }
    if (count > 0) return files;
    throw new FolderRefused(`The folder ${shown(folder)} has no file that ends in ${endings.join(', ')}.`);
  },

  pathOf: async (folder) => (await namesOf(root, folder)).join('/'),

  async open(file) {
    const names = file.split('/');
    try {
      if ((await kindAt(root, names)) !== 'file') throw unreadable(file);
      // A pipe that has taken the place of the file would hold the open up.
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      const handle = await open(path.join(root, ...names), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
    } catch (error) {
      if (!leadsNowhere(error)) throw error;
    }
    throw unreadable(file);
  },
});

async function namesOf(root: string, folder: string): Promise<string[]> {
  const names = await namesBelow(root, folder);
  if (!names || (await kindAt(root, names)) !== 'folder') throw noFolder(folder);
  return names;
}

const setOf = (endings: readonly string[]) => new Set(endings.map((ending) => ending.toLowerCase()));

/** What one list may still look at. */
interface Room {
  /** Names. */
  left: number;
  refusal(): FolderRefused;
}

/** In the order of the whole paths, so that two lists of one folder are the same. Links are passed over. */
async function* filesIn(root: string, names: readonly string[], room: Room): AsyncGenerator<string> {
  const entries = await entriesOf(root, names, room);
  const placed = entries.map((entry) => ({ entry, place: `${entry.name}${entry.isDirectory() ? '/' : ''}` }));
  for (const { entry } of placed.toSorted((a, b) => (a.place < b.place ? -1 : 1))) {
    const inner = [...names, entry.name];
    if (entry.isDirectory()) yield* filesIn(root, inner, room);
    if (entry.isFile()) yield inner.join('/');
  }
}

/** A folder of millions of names is not read to its end. */
async function entriesOf(root: string, names: readonly string[], room: Room): Promise<Dirent[]> {
  try {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(path.join(root, ...names), { bufferSize: 256 })) {
      room.left -= 1;
      if (room.left < 0) throw room.refusal();
      entries.push(entry);
    }
    return entries;
  } catch (error) {
    if (leadsNowhere(error)) throw noFolder(names.join('/'));
    throw error;
  }
}

const shown = (folder: string): string => JSON.stringify(folder.slice(0, 200));

/** One sentence for what lies outside and for what is not there: nobody learns which of the two it is. */
const noFolder = (folder: string) =>
  new FolderRefused(`There is no folder ${shown(folder)} below INPUT_ROOT that can be read.`);

const tooMany = (folder: string, { files }: Limits) =>
  new FolderRefused(
    `The folder ${shown(folder)} holds more than the ${files} files that one job takes; give one with fewer.`,
  );

const tooLarge = (folder: string, { names }: Limits) =>
  new FolderRefused(
    `The folder ${shown(folder)} and those in it hold more than ${names} names, fitting or not; give one with fewer.`,
  );

const unreadable = (file: string) => new FileUnreadable(`The file ${shown(file)} cannot be read any more.`);
