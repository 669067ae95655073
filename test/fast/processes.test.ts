import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import {
  findByArgument,
  identify,
  isAlive,
  type ProcessIdentity,
  stop,
} from '../../scripts/local/processes.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

failOnLeftovers();

it('tells a running process from one that has ended, and from its successor under the same pid', async () => {
  const [child, identity] = await started('setTimeout(() => {}, 60_000)');
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, startTime: 'another' })).toBe(false);
  child.kill();
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
});

it('does not take a zombie for a running process', async () => {
  // The shell turns into a program that never asks for the end of its child, which therefore stays as a zombie.
  const command = 'sh -c "read line <&3" & echo $!; exec sleep 60';
  const parent = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  if (!parent.stdout) throw new Error('the shell has no output to read');
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const [zombie, mother] = [Number(line), Number(parent.pid)];
  await until(async () => (await readFile(`/proc/${mother}/comm`, 'utf8')) === 'sleep\n', {
    what: 'it sleeps',
  });
  (parent.stdio[3] as Writable).end('\n');
  await until(async () => (await readFile(`/proc/${zombie}/stat`, 'utf8')).includes(') Z '), {
    what: 'it is one',
  });
  expect(identify(zombie)).toBeUndefined();
  parent.kill();
  await once(parent, 'close');
});

it('stops a process that listens to the signal, and kills one that does not', async () => {
  const [, willing] = await started('setTimeout(() => {}, 60_000)');
  expect(await stop(willing, { limitMs: 60_000 })).toBe('ended');
  const [, unwilling] = await started("process.on('SIGTERM', () => {}); setTimeout(() => {}, 60_000)");
  expect(await stop(unwilling, { limitMs: 100 })).toBe('killed');
  expect([willing, unwilling].filter(isAlive)).toEqual([]);
});

it('finds a process by what its command line contains', async () => {
  const mark = `mark-${process.pid}-${Date.now()}`;
  const [child, identity] = await started(`setTimeout(() => {}, 60_000) // ${mark}`);
  expect(findByArgument(mark)).toEqual([identity]);
  child.kill();
  await once(child, 'exit');
  expect(findByArgument(mark)).toEqual([]);
});

/** Resolves when the program has run to its end once, and waits. */
async function started(program: string): Promise<[ChildProcess, ProcessIdentity]> {
  const child = spawn(process.execPath, ['-e', `${program}\nprocess.stdout.write('up')`]);
  await once(child.stdout, 'data');
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error('The program ended at once.');
  return [child, identity];
}
