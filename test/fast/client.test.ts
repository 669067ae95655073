import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { currentDocument } from '../../scripts/client/document.js';
import { generateClient } from '../../scripts/client/generator.js';
import { projectRoot } from '../../scripts/local/project.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-client-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function filesIn(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = paths.map(
    async (path) => [path.slice(directory.length + 1), await readFile(path, 'utf8')] as const,
  );
  return new Map(await Promise.all(read));
}

describe('client/', () => {
  it('is what `npm run client` makes of the API, beside what is written by hand', async () => {
    const documentFile = join(folder, 'openapi.json');
    const output = join(folder, 'client');
    await writeFile(documentFile, JSON.stringify(await currentDocument()));
    await mkdir(join(output, 'react'), { recursive: true });
    await writeFile(join(output, 'react/by-hand.ts'), '');
    await writeFile(join(output, 'of-another-time.gen.ts'), '');
    await generateClient(documentFile, output);
    const made = await filesIn(output);
    expect(made.delete('react/by-hand.ts')).toBe(true);
    const all = await filesIn(join(projectRoot, 'client'));
    const committed = new Map([...all].filter(([name]) => !name.startsWith('react/')));
    expect([...committed.keys()].toSorted()).toEqual([...made.keys()].toSorted());
    const stale = [...made].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name);
    expect(stale).toEqual([]);
  });
});

failOnLeftovers();
