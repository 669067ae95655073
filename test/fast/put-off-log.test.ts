import { Writable } from 'node:stream';
import { Controller, Get, Module } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createHttpApp } from '../../src/http-app.js';
import { Problem } from '../../src/problems/problems.js';
import { failOnLeftovers } from '../harness/leftovers.js';

@Controller()
class Faults {
  @Get('put-off')
  putOff(): never {
    const cause = new Error('4 DEADLINE_EXCEEDED: Temporal did not answer within 800 ms');
    throw new Problem('temporal-unavailable', 'The Temporal server did not answer in time.', { cause });
  }

  @Get('our-fault')
  ourFault(): never {
    throw new Error('a mistake of ours');
  }
}

@Module({ controllers: [Faults] })
class FaultsModule {}

/** What is logged for one request. */
async function logOf(path: string): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = new Writable({
    write(line: Buffer, _, done) {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const app = await createHttpApp(FaultsModule, pino({ level: 'info' }, log));
  try {
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    lines.length = 0;
    await app.inject({ method: 'GET', url: path });
  } finally {
    await app.close();
  }
  return lines.filter(({ context }) => context === undefined);
}

it('a request that is put off is one line, which says why', async () => {
  const lines = await logOf('/put-off');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    level: pino.levels.values['warn'],
    url: '/put-off',
    status: 503,
    code: 'temporal-unavailable',
    cause: '4 DEADLINE_EXCEEDED: Temporal did not answer within 800 ms',
  });
  expect(JSON.stringify(lines[0]).length).toBeLessThan(600);
});

it('a fault of ours is logged with its stack', async () => {
  const [fault] = await logOf('/our-fault');
  expect(fault).toMatchObject({
    err: { message: 'a mistake of ours', stack: expect.stringContaining('ourFault') },
  });
});

failOnLeftovers();
