import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { isFree } from '../../scripts/local/ports.js';
import { isAlive } from '../../scripts/local/processes.js';
import { startModelServer } from '../../scripts/stand-ins/model-server.js';
import { postgresFolder } from '../../scripts/local/postgres-binaries.js';
import { postgresUrl } from '../../scripts/local/postgres.js';
import { postgresDataDir } from '../../scripts/local/settings.js';
import { recordPath, runningRecord } from '../../scripts/local/stack-record.js';
import { toldByApi } from '../harness/ask-api.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import {
  aliveAmong,
  runScript,
  type StackPlace,
  stackPlace,
  StackProcess,
} from '../harness/stack-process.js';
import { until } from '../harness/until.js';

const limitMs = 240_000;
let place: StackPlace;

/** @returns the id of the job */
async function submitArticle(address: string): Promise<string> {
  const input = { url: `${address}/samples/el-faro.html`, sourceLang: 'es', targetLang: 'fr', wordCount: 3 };
  return (await toldByApi<{ id: string }>(`${address}/v1/jobs`, { type: 'extractArticle', input })).id;
}

failOnLeftovers();
beforeEach(async () => {
  place = await stackPlace();
});
afterEach(() => place.clear(), limitMs);

it(
  'starts everything, tells a second start where it runs, and Ctrl-C leaves nothing',
  async () => {
    const stack = await StackProcess.start(place).ready();
    const address = `http://127.0.0.1:${place.ports.PORT}`;
    const health = await fetch(`${address}/healthz`, { headers: { connection: 'close' } });
    expect(health.status).toBe(200);
    await health.arrayBuffer();
    expect(aliveAmong(stack.parts())).toHaveLength(4);

    const second = await runScript('start', place.env);
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining(`${address}/docs`) });
    expect(second.output).toContain('runs already');

    const parts = stack.parts();
    expect(await stack.interrupt()).toBe(0);
    expect(aliveAmong(parts)).toEqual([]);
    expect(existsSync(recordPath(place.dataDir))).toBe(false);
    for (const port of Object.values(place.ports)) expect(await isFree(port)).toBe(true);
  },
  limitMs,
);

it(
  'is ended by npm stop, which has nothing to do the second time',
  async () => {
    const stack = await StackProcess.start(place).ready();
    const parts = stack.parts();
    expect(await runScript('stop', place.env)).toEqual({ code: 0, output: 'Stopped.\n' });
    expect(aliveAmong(parts)).toEqual([]);
    expect(await runScript('stop', place.env)).toEqual({ code: 0, output: 'Nothing was running.\n' });
    const { code, output } = await runScript('stop', { ...place.env, PORT: 'http' });
    expect({ code, lines: output.trim().split('\n') }).toEqual({
      code: 1,
      lines: ['The configuration is wrong.', expect.stringContaining('PORT: ')],
    });
  },
  limitMs,
);

it(
  'is ended by npm stop within seconds although a model is answering, and the next start goes on with the job',
  async () => {
    const models = await startModelServer();
    place.env['MODEL'] = 'openai/any';
    place.env['OPENAI_API_KEY'] = 'sk-test';
    place.env['OPENAI_BASE_URL'] = models.url;
    try {
      let stack = await StackProcess.start(place).ready();
      const address = `http://127.0.0.1:${place.ports.PORT}`;
      models.next('hang-mid-stream');
      const id = await submitArticle(address);
      // The 10 s that a worker is given elsewhere would be more. A machine that stood still is given another try.
      for (let [tries, known] = [1, 0]; ; tries += 1) {
        await until(() => (models.calls[known]?.bytesSent ?? 0) > 0, { what: 'the model answers' });
        const [parts, worker] = [stack.parts(), stack.part('worker')];
        const stopping = runScript('stop', place.env);
        await stack.says('Stopping the worker.');
        const at = performance.now();
        await until(() => !isAlive(worker), { what: 'the worker has ended' });
        const tookMs = performance.now() - at;
        expect(await stopping).toEqual({ code: 0, output: 'Stopped.\n' });
        expect(aliveAmong(parts)).toEqual([]);
        if (tookMs < 9_000) break;
        expect(tries).toBeLessThan(5);
        known = models.calls.length;
        models.next('hang-mid-stream');
        stack = await StackProcess.start(place).ready();
      }

      const again = await StackProcess.start(place).ready();
      const job = await until(
        async () => {
          const answer = await fetch(`${address}/v1/jobs/${id}`, { headers: { connection: 'close' } });
          const now = (await answer.json()) as { done: boolean; status: string };
          return now.done && now;
        },
        { what: 'the job is done', limitMs: 120_000 },
      );
      expect(job.status).toBe('succeeded');
      expect(await again.interrupt()).toBe(0);
    } finally {
      await models.close();
    }
  },
  limitMs,
);

it(
  'names each port that is taken and the variable that moves it, and starts nothing',
  async () => {
    const rivals = [place.ports.PORT, place.ports.TEMPORAL_UI_PORT].map((port) =>
      createServer().listen({ port, host: '127.0.0.1' }),
    );
    await Promise.all(rivals.map((rival) => once(rival, 'listening')));
    try {
      const { code, output } = await runScript('start', place.env);
      expect(code).toBe(1);
      expect(output).toMatch(new RegExp(`Port ${place.ports.PORT}, .* set PORT to another`));
      expect(output).toMatch(
        new RegExp(`Port ${place.ports.TEMPORAL_UI_PORT}, .* set TEMPORAL_UI_PORT to another`),
      );
      expect(output).not.toContain('Starting');
      expect(existsSync(recordPath(place.dataDir))).toBe(false);
    } finally {
      rivals.forEach((rival) => rival.close());
    }
  },
  limitMs,
);

it(
  'ends with one sentence when a newer version has used the database, and npm run reset leads out of it',
  async () => {
    const first = await StackProcess.start(place).ready();
    const client = new pg.Client({
      connectionString: postgresUrl({
        dataDir: postgresDataDir(place.dataDir),
        port: place.ports.POSTGRES_PORT,
      }),
    });
    await client.connect();
    await client.query(`insert into kysely_migration (name, timestamp) values ('9999-later', '')`);
    await client.end();
    await first.interrupt();

    const started = await runScript('start', place.env);
    const background = await runScript('start --background', place.env);
    for (const { code, output } of [started, background]) {
      expect(code).toBe(1);
      const sentences = output.split('\n').filter((line) => line.includes('9999-later'));
      expect(sentences).toEqual([expect.stringMatching(/newer version .*npm run reset/)]);
      expect(output).not.toMatch(/ at .*:\d+:\d+|"level"/);
    }
    expect(started.output.trimEnd().split('\n').at(-1)).toContain('9999-later');

    expect(await runScript('reset', place.env)).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing was deleted'),
    });
    expect(await runScript('reset --yes', place.env)).toMatchObject({ code: 0 });
    const again = await StackProcess.start(place).ready();
    expect(await again.interrupt()).toBe(0);
  },
  limitMs,
);

it(
  'ends with one sentence when the system refuses its folder, and when the data are of another PostgreSQL',
  async () => {
    const file = join(place.dataDir, 'no-folder');
    await writeFile(file, '');
    const refused = await runScript('start', { ...place.env, DATA_DIR: join(file, 'data') });
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^ENOTDIR.*DATA_DIR.*\n$/) });

    const folder = postgresFolder(postgresDataDir(place.dataDir));
    await mkdir(folder, { recursive: true });
    await Promise.all([
      writeFile(join(folder, 'PG_VERSION'), '12\n'),
      writeFile(`${folder}.password`, 'x\n'),
    ]);
    const { code, output } = await runScript('start', place.env);
    expect({ code, last: output.trimEnd().split('\n').at(-1) }).toEqual({
      code: 1,
      last: expect.stringMatching(/written by PostgreSQL 12.*npm run reset/),
    });
  },
  limitMs,
);

it(
  'can be interrupted before it is ready, and leaves nothing',
  async () => {
    const interrupted = async () => {
      const stack = StackProcess.start(place);
      await once(stack.child.stdout ?? stack.child, 'data');
      expect(await stack.interrupt()).toBe(0);
      return stack.output;
    };
    // It may have been quicker than we.
    let output = await interrupted();
    for (let tries = 1; output.includes('is ready.') && tries < 5; tries += 1) output = await interrupted();
    expect(output).not.toContain('is ready.');
    expect(await runScript('stop', place.env)).toEqual({ code: 0, output: 'Nothing was running.\n' });
  },
  limitMs,
);

it(
  'stops at once when told a second time',
  async () => {
    const stack = await StackProcess.start(place).ready();
    const parts = stack.parts();
    // What does not run cannot drain, so that only the second Ctrl-C can end it soon.
    process.kill(stack.part('worker').pid, 'SIGSTOP');
    stack.child.kill('SIGINT');
    await until(() => stack.output.includes('Stopping the worker.'), { what: 'the worker is waited for' });
    await until(() => !stack.child.kill('SIGINT'), { what: 'it ends', everyMs: 100 });
    expect(stack.child.exitCode).toBe(130);
    await until(() => aliveAmong(parts).length === 0, { what: 'its parts are gone' });
  },
  limitMs,
);

it(
  'runs on in the background until npm stop',
  async () => {
    const { code, output } = await runScript('start --background', place.env);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('npm stop') });
    const record = runningRecord(place.dataDir);
    expect(record?.addresses?.api).toBe(`http://127.0.0.1:${place.ports.PORT}`);
    expect(await runScript('stop', place.env)).toEqual({ code: 0, output: 'Stopped.\n' });
    expect(aliveAmong(Object.values(record?.parts ?? {}))).toEqual([]);
  },
  limitMs,
);
