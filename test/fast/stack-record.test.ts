import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { identify } from '../../scripts/local/processes.js';
import { projectRoot } from '../../scripts/local/project.js';
import {
  readRecord,
  recordPath,
  runningRecord,
  type StackRecord,
  takeRecord,
} from '../../scripts/local/stack-record.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let dataDir: string;

failOnLeftovers();
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-record-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const part = { pid: 1, startTime: 'long ago', fingerprint: 'x', ports: [5433] };
const record = (holder: StackRecord['holder']): StackRecord => ({
  holder,
  phase: 'ready',
  note: '',
  parts: { postgres: part },
});

it('is taken once', () => {
  expect(takeRecord(dataDir)).toMatchObject({ phase: 'starting', parts: {} });
  expect(takeRecord(dataDir)).toBeUndefined();
});

it('is taken from a holder that died, with the parts that one left', async () => {
  await writeFile(recordPath(dataDir), JSON.stringify(record({ pid: 4_000_000, startTime: 'never' })));
  expect(runningRecord(dataDir)).toBeUndefined();
  expect(takeRecord(dataDir)?.parts).toEqual({ postgres: part });
});

it('is taken from a holder whose pid belongs to another process by now', async () => {
  await writeFile(recordPath(dataDir), JSON.stringify(record({ pid: process.pid, startTime: 'before' })));
  expect(takeRecord(dataDir)?.holder).toEqual(identify(process.pid));
});

it('is taken when what stands there is not a record', async () => {
  await writeFile(recordPath(dataDir), '{"holder":');
  expect(takeRecord(dataDir)?.parts).toEqual({});
});

it('is given to exactly one of many that find the same dead holder', async () => {
  await writeFile(recordPath(dataDir), JSON.stringify(record({ pid: 4_000_000, startTime: 'never' })));
  const module = join(projectRoot, 'dist/scripts/local/stack-record.js');
  const program = `
    const { setTimeout } = await import('node:timers/promises');
    const { runningRecord, takeRecord } = await import(${JSON.stringify(module)});
    process.stdin.once('data', async () => {
      const dataDir = ${JSON.stringify(dataDir)};
      while (true) {
        if (takeRecord(dataDir)) { process.stdout.write('taken'); break; }
        if (runningRecord(dataDir)) { process.stdout.write('refused'); break; }
        await setTimeout(Math.random() * 50);
      }
      process.stdin.once('data', () => process.exit());
    });
    process.stdout.write('waiting ');`;
  const rivals = Array.from({ length: 6 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    return { child, output: child.stdout.setEncoding('utf8') };
  });
  await Promise.all(rivals.map(({ output }) => once(output, 'data')));
  const answers = rivals.map(({ output }) => once(output, 'data'));
  rivals.forEach(({ child }) => child.stdin.write('go'));
  const said = (await Promise.all(answers)).flat();
  expect(said.filter((answer) => answer === 'taken')).toHaveLength(1);
  expect(readRecord(dataDir)?.parts).toEqual({ postgres: part });
  const ends = rivals.map(({ child }) => once(child, 'close'));
  rivals.forEach(({ child }) => child.stdin.end('end'));
  await Promise.all(ends);
});
