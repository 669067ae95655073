import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
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
