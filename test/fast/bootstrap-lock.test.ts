import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { projectRoot } from '../../scripts/local/project.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** A copy of the bootstrap, which locks the folder it lies in. */
let folder: string;

failOnLeftovers();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-bootstrap-'));
  await cp(join(projectRoot, 'scripts/bootstrap'), join(folder, 'scripts/bootstrap'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

it('lets one bootstrap work at a time, and the next after a kill -9', async () => {
  const killed = work(
    "process.stdout.write('in'); await new Promise((resolve) => setTimeout(resolve, 60_000));",
  );
  await once(killed.stdout, 'data');
  const others = [1, 2, 3, 4].map(() => work(journal));
  const waiting = others.map(({ stdout }) => once(stdout.setEncoding('utf8'), 'data'));
  expect((await Promise.all(waiting)).flat()).toEqual(others.map(() => expect.stringContaining('Waiting')));
  const ends = others.map((child) => once(child, 'close'));
  killed.kill('SIGKILL');
  await once(killed, 'close');
  expect(await Promise.all(ends)).toEqual(others.map(() => [0, null]));
  expect(await readFile(join(folder, 'journal'), 'utf8')).toBe('in out '.repeat(others.length));
});

it('takes a lock whose holder left only its pid to another process', async () => {
  await mkdir(join(folder, '.data'));
  await writeFile(join(folder, `.data/bootstrap.lock.${process.pid}.before`), '');
  const child = work(journal);
  child.stdout.resume();
  expect(await once(child, 'close')).toEqual([0, null]);
});

const journal = `
  await appendFile('journal', 'in ');
  await setImmediate();
  await appendFile('journal', 'out ');`;

function work(body: string): ChildProcessWithoutNullStreams {
  const program = `
    import { appendFile } from 'node:fs/promises';
    import { setImmediate } from 'node:timers/promises';
    const { withLock } = await import('./scripts/bootstrap/lock.mjs');
    await withLock(async () => { ${body} });`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
}
