import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { projectRoot } from '../../scripts/local/project.js';
import { failOnLeftovers } from '../harness/leftovers.js';

jest.setTimeout(900_000);

/** The project as a person has it who has installed it, in a folder of its own. */
let copy: string;

const generator = 'scripts/client-generator/node_modules';
const left: ReadonlySet<string> = new Set(['node_modules', '.git', '.data', '.env', 'coverage']);

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'longhaul-new-'));
  await cp(projectRoot, copy, {
    recursive: true,
    // The compiler takes what is newer than its output for changed.
    preserveTimestamps: true,
    filter: (path) => !left.has(basename(path)),
  });
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  if (existsSync(join(projectRoot, generator))) {
    await symlink(join(projectRoot, generator), join(copy, generator));
  }
});
afterAll(() => rm(copy, { recursive: true }));

const bootstrap = (...args: string[]) => run('scripts/bootstrap.mjs', ...args);

async function run(...args: string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, output: chunks.join('') };
}

it('npm run new refuses a name that cannot be one, and writes nothing', async () => {
  const before = await readFile(join(copy, 'job-types/index.ts'), 'utf8');
  for (const name of ['', 'Sum', 'sum up', 'class', '../x', 'prompt', 'ask', 'words']) {
    const { code } = await run('dist/scripts/new.js', ...(name ? [name] : []));
    expect([name, code]).toEqual([name, ['ask', 'words'].includes(name) ? 1 : 2]);
  }
  expect(await readFile(join(copy, 'job-types/index.ts'), 'utf8')).toBe(before);
  expect(existsSync(join(copy, 'job-types/words.ts'))).toBe(false);
});

it('npm run new writes a job type on which all checks pass, with a test and a history that replays', async () => {
  const made = await bootstrap('new', 'sumUpText');
  expect(made).toMatchObject({ code: 0, output: expect.stringContaining('sum-up-text-succeeded.json') });
  // Room for a second one beside it, whatever the formatter has made of the lines.
  const again = await bootstrap('new', 'sumUpText');
  expect(again).toMatchObject({ code: 1, output: expect.stringContaining('Choose another name') });
  expect(await bootstrap('check')).toMatchObject({ code: 0 });

  const history = await readFile(join(copy, 'test/histories/sum-up-text-succeeded.json'), 'utf8');
  expect(history).toContain('answerSumUpText');
  const tests = [
    'job-types/sum-up-text',
    'worker/replay',
    'fast/(docs|client|bundle|prose|prompts|openapi-document)',
  ];
  expect(await bootstrap('test', ...tests)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/\b0 failed/),
  });
});

failOnLeftovers();
