import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { isAlive } from '../../scripts/local/processes.js';
import { readRecord } from '../../scripts/local/stack-record.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { aliveAmong, killAll, type StackPlace, stackPlace, StackProcess } from '../harness/stack-process.js';
import { until } from '../harness/until.js';

const limitMs = 240_000;
let place: StackPlace;

failOnLeftovers();
beforeEach(async () => {
  place = await stackPlace();
});
afterEach(() => place.clear(), limitMs);

it(
  'goes on with PostgreSQL and Temporal after kill -9 of the stack alone, and with neither API nor worker',
  async () => {
    const first = await StackProcess.start(place).ready();
    await leaveTraces();
    const [postgres, temporal, ...programs] = first.parts();
    await first.kill();
    await until(() => aliveAmong(programs).length === 0, {
      what: 'API and worker have followed their stack',
    });

    const second = await StackProcess.start(place).ready();
    expect(second.part('postgres')).toMatchObject(postgres ?? {});
    expect(second.part('temporal')).toMatchObject(temporal ?? {});
    await expectTraces();
    const parts = second.parts();
    await second.interrupt();
    expect(aliveAmong(parts)).toEqual([]);
  },
  limitMs,
);

it(
  'loses nothing when everything is killed with -9',
  async () => {
    const first = await StackProcess.start(place).ready();
    await leaveTraces();
    const parts = first.parts();
    await Promise.all([first.kill(), killAll(parts)]);

    const second = await StackProcess.start(place).ready();
    await expectTraces();
    expect(aliveAmong(parts)).toEqual([]);
    await second.interrupt();
  },
  limitMs,
);

it(
  'stops servers left on ports that are no longer wanted, instead of starting others beside them',
  async () => {
    const first = await StackProcess.start(place).ready();
    await leaveTraces();
    const [postgres, temporal] = first.parts();
    await first.kill();

    const elsewhere = await stackPlace();
    const moved = {
      ...elsewhere,
      env: { ...elsewhere.env, DATA_DIR: place.dataDir },
      dataDir: place.dataDir,
    };
    const second = await StackProcess.start(moved).ready();
    expect([postgres, temporal].filter((part) => part && isAlive(part))).toEqual([]);
    await expectTraces(moved);
    await second.interrupt();
    await elsewhere.clear();
  },
  limitMs,
);

it(
  'starts each part again that is killed with -9, and says so',
  async () => {
    const stack = await StackProcess.start(place).ready();
    for (const name of ['worker', 'api', 'temporal', 'postgres'] as const) {
      const before = stack.part(name);
      await killAll([before]);
      await until(() => readRecord(place.dataDir)?.parts[name]?.pid !== before.pid, {
        what: `${name} is started again`,
        limitMs: 120_000,
      });
    }
    // One that has to begin while another is away may do so twice.
    await until(() => new Set(stack.output.match(/^.* runs again\./gm)).size === 4, {
      what: 'all four parts run again',
      limitMs: 120_000,
    });
    await until(
      async () =>
        (await fetch(`http://127.0.0.1:${place.ports.PORT}/readyz`, { headers: { connection: 'close' } })).ok,
      { what: 'the API is ready' },
    );
    expect(stack.output).toMatch(/The worker ended unexpectedly \(SIGKILL\); starting it again\./);
    expect(await stack.interrupt()).toBe(0);
  },
  limitMs,
);

/** A row and a run, which must be there after a crash. */
async function leaveTraces(): Promise<void> {
  await withDatabase(place, async (client) => {
    await client.query('create table trace (note text)');
    await client.query("insert into trace values ('kept')");
  });
  await withTemporal(place, async (client) => {
    await client.workflow.start('nobodyRunsThis', { workflowId: 'trace', taskQueue: 'nobody' });
  });
}

async function expectTraces(where: StackPlace = place): Promise<void> {
  await withDatabase(where, async (client) => {
    expect((await client.query('select note from trace')).rows).toEqual([{ note: 'kept' }]);
  });
  await withTemporal(where, async (client) => {
    expect((await client.workflow.getHandle('trace').describe()).status.name).toBe('RUNNING');
  });
}

async function withDatabase(where: StackPlace, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const password = (await readFile(join(where.dataDir, 'postgres.password'), 'utf8')).trim();
  const client = new pg.Client({
    connectionString: `postgres://longhaul:${password}@127.0.0.1:${where.ports.POSTGRES_PORT}/longhaul`,
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function withTemporal(where: StackPlace, work: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${where.ports.TEMPORAL_PORT}` });
  try {
    await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
