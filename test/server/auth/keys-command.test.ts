import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../scripts/local/ports.js';
import { projectRoot } from '../../../scripts/local/project.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

type Env = Record<string, string>;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  [database, folder] = await Promise.all([testDatabase(), mkdtemp(join(tmpdir(), 'longhaul-keys-'))]);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

interface Program {
  child: ChildProcess;
  ended: Promise<unknown[]>;
  out(): string;
  err(): string;
}

function start(script: string, { args = [], env }: { args?: string[]; env: Env }): Program {
  const child = spawn(process.execPath, [join(projectRoot, 'dist', script), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const texts = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  return { child, ended: once(child, 'close'), out: () => texts.out, err: () => texts.err };
}

async function keys(...args: string[]) {
  const program = start('scripts/keys.js', { args, env: { DATABASE_URL: database.url } });
  const [code] = await program.ended;
  return { code, out: program.out(), err: program.err() };
}

const apiEnv = (port: number, env: Env = {}): Env => ({
  DATABASE_URL: database.url,
  TEMPORAL_ADDRESS: temporalAddress(),
  HOST: '0.0.0.0',
  PORT: String(port),
  ...env,
});

/** The API as a process, until the test has looked at it. */
async function withApi(env: Env, look: (url: string, program: Program) => Promise<void>): Promise<void> {
  const port = await freePort();
  const program = start('src/main.js', { env: apiEnv(port, env) });
  try {
    const ready = once(program.child, 'message').then(() => true);
    const ended = program.ended.then(() => false);
    if (!(await Promise.race([ready, ended]))) throw new Error(`The API ended: ${program.err()}`);
    await look(`http://127.0.0.1:${port}`, program);
  } finally {
    program.child.kill('SIGTERM');
    await program.ended;
  }
}

const statusAt = async (url: string, authorization?: string): Promise<number> => {
  const ask = () => fetch(url, { headers: authorization ? { authorization } : {} });
  return (await whileBusy(ask, ({ status }) => status)).status;
};

/** How long it took until it was so. */
async function msUntil(check: () => Promise<boolean>, what: string): Promise<number> {
  const from = performance.now();
  await until(check, { what });
  return performance.now() - from;
}

async function refusal(env: Env = {}): Promise<string> {
  const program = start('src/main.js', { env: apiEnv(await freePort(), env) });
  const [code] = await program.ended;
  expect(code).toBe(1);
  return program.err();
}

describe('an API that other machines can reach', () => {
  it('refuses to start without a key, in one sentence', async () => {
    const said = await refusal();
    // Node may warn before it.
    const last = said.trim().split('\n').at(-1);
    expect(last).toMatch(/^HOST=0\.0\.0\.0 can be reached from other machines, and there is no API key/);
    expect(last).toContain('ALLOW_KEYLESS=true');
  });

  it('starts without a key when the operator allows it', async () => {
    await withApi({ ALLOW_KEYLESS: 'true' }, async (url) => {
      expect(await statusAt(`${url}/v1/job-types`)).toBe(200);
    });
  });

  it('does not take a word that is no yes or no', async () => {
    expect(await refusal({ ALLOW_KEYLESS: 'maybe' })).toContain('ALLOW_KEYLESS');
  });
});

describe('npm run keys', () => {
  it('makes a key that works, shows it once, and ends it', async () => {
    expect(await keys('list')).toMatchObject({ code: 0, out: '' });
    const created = async () => {
      const made = await keys('create', 'anna');
      expect(made.code).toBe(0);
      const shown = made.out.trim();
      const [, known = ''] = /^lh_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/.exec(shown) ?? [];
      expect(known).not.toBe('');
      return { key: shown, id: known };
    };
    const { key, id } = await created();

    await withApi({ LOG_LEVEL: 'info' }, async (url, api) => {
      const status = (authorization?: string) => statusAt(`${url}/v1/job-types`, authorization);
      expect(await status()).toBe(401);
      expect(await status(`Bearer ${key}`)).toBe(200);
      expect((await fetch(`${url}/v1/job-types?key=${key}`)).status).toBe(400);
      expect((await fetch(`${url}/v1/job-types/${key}`)).status).toBe(400);

      const listed = await keys('list');
      expect(listed.out).toMatch(new RegExp(`^${id} +anna `, 'm'));
      expect(listed.out + listed.err).not.toContain(key.slice(16));

      const made = [{ key, id }];
      const least = await leastMs(promptMs, async () => {
        const one = made.pop() ?? (await created());
        const mine = () => status(`Bearer ${one.key}`);
        expect(await mine()).toBe(200);
        const out = `The key ${one.id} is revoked.\n`;
        expect(await keys('revoke', one.id)).toMatchObject({ code: 0, out });
        return msUntil(async () => (await mine()) === 401, 'the key is refused');
      });
      expect(least).toBeLessThan(promptMs);
      await until(() => api.out().includes(`/v1/job-types/lh_${id}_[secret]`), {
        what: 'the log has the request',
      });
      expect(api.out() + api.err()).not.toContain(key.slice(16));
    });
    expect((await keys('list')).out).toMatch(/^\w+ +anna +.* UTC +.* UTC +.* UTC$/m);
  });

  it('tells of the one-way door before the first key, and off leads back', async () => {
    expect((await keys('off')).code).toBe(0);
    expect(await keys('off')).toMatchObject({ code: 0, out: expect.stringContaining('There are no keys') });
    const made = await keys('create', 'bertha');
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('keys -- off leads back') });
    const second = await keys('create', 'local');
    expect(second.err).not.toContain('first key');

    await withApi({ HOST: '127.0.0.1' }, async (url) => {
      const status = (key?: string) => statusAt(`${url}/v1/job-types`, key && `Bearer ${key}`);
      expect([await status(), await status(made.out.trim())]).toEqual([401, 200]);
      const least = await leastMs(promptMs, async () => {
        expect(await keys('off')).toMatchObject({ code: 0, out: expect.stringContaining('bertha') });
        const offMs = await msUntil(async () => (await status()) === 200, 'no key is needed');
        // A client that still sends its key is served like any other.
        expect(await status(made.out.trim())).toBe(200);
        await keys('create', 'bertha');
        const onMs = await msUntil(async () => (await status()) === 401, 'a key is needed again');
        return Math.max(offMs, onMs);
      });
      expect(least).toBeLessThan(promptMs);
    });
  });

  it('off opens no door to other machines', async () => {
    await keys('create', 'anna');
    await withApi({}, async (url) => {
      const status = () => statusAt(`${url}/v1/job-types`);
      expect(await status()).toBe(401);
      expect(await keys('off')).toMatchObject({ code: 0 });
      // For longer than an API believes what it knows of keys.
      const since = performance.now();
      await until(
        async () => {
          expect(await status()).toBe(401);
          return performance.now() - since > 1_500;
        },
        { what: 'a second and a half is over' },
      );
    });
  });

  it('explains itself when called in another way', async () => {
    const calls = [[], ['toString'], ['create'], ['list', 'x'], ['create', 'a', 'b']];
    for (const answer of await Promise.all(calls.map((args) => keys(...args)))) {
      expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringContaining('create <owner>') });
    }
  });

  it('refuses an owner that a query could not take, and an id that is none', async () => {
    expect(await keys('create', "x' OR 1=1")).toMatchObject({ code: 1, out: '' });
    expect(await keys('revoke', 'nope')).toMatchObject({ code: 1, out: '' });
  });

  it('says how to start the local stack when there is no database', async () => {
    const program = start('scripts/keys.js', { args: ['list'], env: {} });
    const [code] = await program.ended;
    expect(code).toBe(1);
    expect(program.err()).toMatch(/npm start/);
    const dead = { DATABASE_URL: `postgres://a:b@127.0.0.1:${await freePort()}/c` };
    const away = start('scripts/keys.js', { args: ['list'], env: dead });
    expect((await away.ended)[0]).toBe(1);
    expect(away.err()).toMatch(/^The database does not answer/);
  });
});

failOnLeftovers();
