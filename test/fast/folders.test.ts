import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInputFolder } from '../../store/folders/input-folder.js';
import { createOutputFolder } from '../../store/folders/output-folder.js';
import { withUnfinished } from '../../store/folders/unfinished-file.js';

let place: string;
let root: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'longhaul-folders-'));
  root = join(place, 'root');
  await mkdir(join(root, 'calls', 'b', 'deep'), { recursive: true });
  await mkdir(join(root, 'empty'));
  await mkdir(join(place, 'root-beside'));
  const files = [
    'calls/b.mp3',
    'calls/b/2.WAV',
    'calls/b/deep/1.mp3',
    'calls/a b.Mp3',
    'calls/notes.txt',
    'calls/.mp3',
    'calls/é.mp3',
  ];
  for (const file of files) await writeFile(join(root, file), file);
  await writeFile(join(place, 'root-beside', 'secret.mp3'), 'secret');
  await symlink(join(place, 'root-beside'), join(root, 'away'));
  await symlink(join(place, 'root-beside'), join(root, 'calls', 'away'));
  await symlink(join(place, 'root-beside', 'secret.mp3'), join(root, 'calls', 'c.mp3'));
  await symlink(root, join(place, 'linked-root'));
});

afterAll(() => rm(place, { recursive: true }));

const endings = ['.mp3', '.wav'];
const list = (folder: string) => createInputFolder(root).list({ folder, endings });

/** Leads out of the root, or nowhere, by any of the ways a path can. */
const elsewhere = () => [
  '..',
  '../root-beside',
  'calls/../../root-beside',
  '/',
  '/etc',
  join(place, 'root-beside'),
  `${root}-beside`,
  'away',
  'calls/away',
  'away/../root-beside',
  'calls/b.mp3',
  'calls/b.mp3/inner',
  'not-there',
  'calls\0',
  'x'.repeat(300),
  '~',
  '..\\root-beside',
  '%2e%2e/root-beside',
  'file:///etc',
];

describe('an input folder', () => {
  it('lists what fits, in any case and however deep, in one order, and follows no link', async () => {
    expect(await list('calls')).toEqual([
      'calls/a b.Mp3',
      'calls/b.mp3',
      'calls/b/2.WAV',
      'calls/b/deep/1.mp3',
      'calls/é.mp3',
    ]);
  });

  it('lists what lies beside with it, in whatever number, and not by itself', async () => {
    const limits = { files: 2, names: 100 };
    const notes = { endings: ['.wav'], beside: ['.txt', '.mp3'] };
    const few = createInputFolder(root, limits);
    expect(await few.list({ folder: 'calls', ...notes })).toEqual([
      'calls/a b.Mp3',
      'calls/b.mp3',
      'calls/b/2.WAV',
      'calls/b/deep/1.mp3',
      'calls/notes.txt',
      'calls/é.mp3',
    ]);
    await expect(few.list({ folder: 'calls/b/deep', ...notes })).rejects.toThrow(
      /has no file that ends in .wav/,
    );
    await expect(few.list({ folder: 'calls', endings })).rejects.toThrow(
      /more than the 2 files that one job/,
    );
  });

  it('is looked at no further than so many names, whatever they are', async () => {
    const wanted = { folder: 'calls', endings: ['.wav'] };
    // With the folders, the links and what does not fit there are eleven.
    expect(await createInputFolder(root, { files: 9, names: 11 }).list(wanted)).toHaveLength(1);
    await expect(createInputFolder(root, { files: 9, names: 10 }).list(wanted)).rejects.toThrow(
      /hold more than 10 names/,
    );
  });

  it('is named absolutely, from the root, or as the root itself, which may be a link', async () => {
    const all = await list('calls');
    expect(await list(join(root, 'calls'))).toEqual(all);
    expect(await list('./calls/b/..')).toEqual(all);
    expect(await list('.')).toEqual(all);
    const linked = createInputFolder(join(place, 'linked-root'));
    for (const folder of ['calls', join(root, 'calls'), join(place, 'linked-root', 'calls')]) {
      expect(await linked.list({ folder, endings })).toEqual(all);
    }
  });

  it('is refused in the same words wherever else it leads', async () => {
    for (const folder of elsewhere()) {
      const message = `There is no folder ${JSON.stringify(folder.slice(0, 200))} below INPUT_ROOT that can be read.`;
      await expect(list(folder)).rejects.toMatchObject({ name: 'FolderRefused', message });
    }
  });

  it('is refused when nothing in it fits', async () => {
    const message = 'The folder "empty" has no file that ends in .mp3, .wav.';
    await expect(list('empty')).rejects.toMatchObject({ name: 'FolderRefused', message });
  });

  it('is refused where the root itself is not there', async () => {
    const gone = createInputFolder(join(place, 'gone'));
    await expect(gone.list({ folder: '.', endings })).rejects.toMatchObject({ name: 'FolderRefused' });
  });

  it('opens what it has listed, and nothing over a link', async () => {
    const folder = createInputFolder(root);
    const file = await folder.open('calls/b/2.WAV');
    expect(await file.readFile('utf8')).toBe('calls/b/2.WAV');
    await file.close();
    for (const other of ['calls/c.mp3', 'away/secret.mp3', 'calls', 'calls/gone.mp3']) {
      await expect(folder.open(other)).rejects.toMatchObject({ name: 'FileUnreadable' });
    }
  });
});

describe('an output folder', () => {
  const output = () => createOutputFolder(join(place, 'output'));
  const writer = 'a file of a job';

  it('is made, with the folders in it, and holds whole files alone', async () => {
    const name = 'b/deep/1.mp3.txt';
    expect(await output().write({ folder: 'made/here', name, text: 'one', writer })).toBe(
      `made/here/${name}`,
    );
    expect(await readdir(join(place, 'output', 'made/here/b/deep'))).toEqual(['1.mp3.txt']);
    expect(await readFile(join(place, 'output', 'made/here', name), 'utf8')).toBe('one');
  });

  it('never writes over another file, and once where the text is the same', async () => {
    const write = (text: string) => output().write({ folder: 'kept', name: 'a.txt', text, writer: text });
    expect(await write('one')).toBe('kept/a.txt');
    expect(await write('two')).toBe('kept/a-2.txt');
    expect(await write('one')).toBe('kept/a.txt');
    expect(await write('two')).toBe('kept/a-2.txt');
    expect((await readdir(join(place, 'output', 'kept'))).toSorted()).toEqual(['a-2.txt', 'a.txt']);
    const all = await Promise.all(['3', '4', '5'].map(write));
    expect(new Set(all).size).toBe(3);
    expect(await readFile(join(place, 'output', 'kept', 'a.txt'), 'utf8')).toBe('one');
  });

  it('leaves alone what links and names of the same file lead to', async () => {
    const folder = join(place, 'output', 'traps');
    await mkdir(folder, { recursive: true });
    const secret = join(place, 'root-beside', 'secret.mp3');
    await symlink(secret, join(folder, 'a.txt'));
    await link(secret, join(folder, 'a-2.txt'));
    expect(await output().write({ folder: 'traps', name: 'a.txt', text: 'new', writer })).toBe(
      'traps/a-3.txt',
    );
    expect(await readFile(secret, 'utf8')).toBe('secret');
  });

  it('loses what a killed attempt left to the next one, and to anybody after an hour', async () => {
    const folder = join(place, 'output', 'left');
    await output().write({ folder: 'left', name: 'a.txt', text: 'one', writer: 'first' });
    const leave = async (of: string) => {
      const kept = new Set(await readdir(folder));
      // Killed between the two names: the second is never given, and the first never taken away.
      await withUnfinished(folder, { text: 'half', writer: of }, async (unfinished) => {
        await copyFile(unfinished, `${unfinished}.kept`);
      });
      const left = (await readdir(folder)).find((name) => !kept.has(name)) ?? '';
      await rename(join(folder, left), join(folder, left.replace(/\.kept$/v, '')));
      return left.replace(/\.kept$/v, '');
    };
    const [own, others, old] = [await leave('own'), await leave('others'), await leave('old')];
    const hoursAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(folder, old), hoursAgo, hoursAgo);
    expect((await readdir(folder)).toSorted()).toEqual([own, others, old, 'a.txt'].toSorted());
    await output().write({ folder: 'left', name: 'c.txt', text: 'two', writer: 'own' });
    expect((await readdir(folder)).toSorted()).toEqual([others, 'a.txt', 'c.txt'].toSorted());
  });

  it('writes nothing for an attempt that another has followed', async () => {
    const folder = join(place, 'output', 'followed');
    await output().write({ folder: 'followed', name: 'a.txt', text: 'one', writer: 'other' });
    const late = withUnfinished(folder, { text: 'late', writer }, async (unfinished) => {
      await output().write({ folder: 'followed', name: 'b.txt', text: 'new', writer });
      await link(unfinished, join(folder, 'b.txt'));
    });
    await expect(late).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await readdir(folder)).toSorted()).toEqual(['a.txt', 'b.txt']);
    expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('new');
  });

  it('takes a name as the end of a path within it', async () => {
    const written = await output().write({ folder: 'named', name: '../../../etc/passwd', text: 'x', writer });
    expect(written).toBe('named/etc/passwd');
    const long = await output().write({ folder: 'named', name: `${'ü'.repeat(126)}.txt`, text: 'x', writer });
    expect(long).toMatch(/^named\/ü{98}\.txt$/);
  });

  it('is refused outside of its root, over a link, and where a file is in the way', async () => {
    await mkdir(join(place, 'output'), { recursive: true });
    await symlink(join(place, 'root-beside'), join(place, 'output', 'away'));
    await writeFile(join(place, 'output', 'file'), '');
    for (const folder of [
      '..',
      '../root-beside',
      '/etc',
      'away',
      'away/inner',
      'file',
      'file/inner',
      'a\0',
    ]) {
      await expect(output().check(folder)).rejects.toMatchObject({ name: 'FolderRefused' });
      await expect(output().write({ folder, name: 'a.txt', text: '', writer })).rejects.toMatchObject({
        name: 'FolderRefused',
      });
    }
    expect(await readdir(join(place, 'root-beside'))).toEqual(['secret.mp3']);
    await expect(output().check('new/folder')).resolves.toBeUndefined();
  });

  it('says that nothing was written where that is not possible', async () => {
    // As root nothing is refused for its rights, and /proc takes no folder from anybody.
    const none = createOutputFolder('/proc');
    await expect(none.write({ folder: 'new', name: 'a.txt', text: '', writer })).rejects.toMatchObject({
      name: 'OutputNotWritten',
    });
  });
});
