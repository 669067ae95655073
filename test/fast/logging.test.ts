import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { LogOutput } from '../../src/log-output.js';
import { failOnLeftovers } from '../harness/leftovers.js';

failOnLeftovers();

const logging = new URL('../../src/logging.js', import.meta.url);
const config = new URL('../../src/config.js', import.meta.url);

/** What a process has written that says this, and is killed in the same breath. */
async function written(lines: string): Promise<string[]> {
  const script = `
    const { createLogger } = await import(${JSON.stringify(logging.href)});
    const { loadConfig } = await import(${JSON.stringify(config.href)});
    const logger = createLogger(loadConfig({ LOG_LEVEL: 'info' }), 'api');
    ${lines}
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

it('a warning and what came before it are written before anything else happens', async () => {
  expect(await written("logger.info('quiet'); logger.warn('loud');")).toEqual(['quiet', 'loud']);
});

it('a warning longer than what is gathered is written whole', async () => {
  const long = 'x'.repeat(100_000);
  expect(await written(`logger.info('quiet'); logger.warn('${long}');`)).toEqual(['quiet', long]);
});

it('a burst of warnings costs no flush of the disk', async () => {
  const fsyncs = `
    const fs = (await import('node:module')).createRequire(import.meta.url)('node:fs');
    let flushes = 0;
    fs.fsyncSync = () => void (flushes += 1);
    for (let i = 0; i < 100; i += 1) logger.warn('loud');
    logger.error(String(flushes));`;
  expect((await written(fsyncs)).at(-1)).toBe('0');
});

/** What a process says of itself on standard error, after it has logged much and has answered itself over HTTP. */
async function whatIsSaid(lines: string, stdout: number | 'pipe'): Promise<Record<string, unknown>> {
  const script = `
    const { createLogger, logState } = await import(${JSON.stringify(logging.href)});
    const { loadConfig } = await import(${JSON.stringify(config.href)});
    const logger = createLogger(loadConfig({ LOG_LEVEL: 'info' }), 'api');
    ${lines}
    process.stderr.write(JSON.stringify(logState()));
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  if (!child.stderr) throw new Error('a pipe was asked for');
  const [output] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return JSON.parse(output) as Record<string, unknown>;
}

const muchIsLogged = `for (let i = 0; i < 30_000; i += 1) logger[i % 100 === 0 ? 'warn' : 'info']({ more: 'x'.repeat(80) }, 'loud');`;

it('a disk that is full costs lines, which are counted, and nothing else', async () => {
  const full = await open('/dev/full', 'w');
  try {
    const { failing, dropped } = await whatIsSaid(muchIsLogged, full.fd);
    expect(failing).toBe(true);
    // What waits in memory, a million characters, is not lost yet.
    expect(dropped).toBeGreaterThan(15_000);
    expect(dropped).toBeLessThan(30_000);
  } finally {
    await full.close();
  }
});

it('nor does a reader that has stopped reading hold the process up', async () => {
  const { failing, dropped } = await whatIsSaid(muchIsLogged, 'pipe');
  expect(failing).toBe(true);
  expect(dropped).toBeGreaterThan(10_000);
});

it('a log that can be written again says how many lines are lost', () => {
  let room = 0;
  let log = '';
  const output = new LogOutput(
    (bytes) => {
      if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      const taken = bytes.subarray(0, room);
      log += Buffer.from(taken).toString();
      room -= taken.length;
      return taken.length;
    },
    (lines) => `${lines} are lost\n`,
  );
  const line = `${'x'.repeat(999)}\n`;
  // A few are on their way already when it is found that nothing can be written.
  for (let n = 0; n < 1_015; n += 1) output.write(line);
  output.flush();
  expect(output).toMatchObject({ failing: true, dropped: 10 });
  room = 2_500;
  output.flush();
  expect(output.failing).toBe(true);
  expect(log).toBe(`${line}${line}${'x'.repeat(500)}`);
  room = 10_000_000;
  output.flush();
  output.write('again\n');
  output.flush();
  expect(output).toMatchObject({ failing: false, dropped: 10 });
  expect(log.endsWith(`${line}10 are lost\nagain\n`)).toBe(true);
});
