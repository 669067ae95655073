import { join, resolve } from 'node:path';
import type { Config } from '../../src/config.js';
import type { PortNeed } from './ports.js';
import { postgresVersion } from './postgres-binaries.js';
import { projectRoot } from './project.js';
import type { PartName, StackRecord } from './stack-record.js';

/** What follows from the configuration for the stack as a whole. */
export interface StackSettings {
  readonly config: Config;
  readonly dataDir: string;
  readonly addresses: NonNullable<StackRecord['addresses']>;
  readonly ports: Readonly<Record<PartName, readonly PortNeed[]>>;
  logFile(name: PartName | 'stack'): string;
}

export const labels: Readonly<Record<PartName, string>> = {
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  api: 'The API',
  worker: 'The worker',
};

export function stackSettings(config: Config): StackSettings {
  const dataDir = resolve(projectRoot, config.DATA_DIR);
  const logs = join(dataDir, 'logs');
  const ownUi = config.TEMPORAL_ADDRESS ? null : `http://127.0.0.1:${config.TEMPORAL_UI_PORT}`;
  return {
    config,
    dataDir,
    addresses: {
      api: `http://${reachable(config.HOST)}:${config.PORT}`,
      ui: config.TEMPORAL_UI_URL ?? ownUi,
      logs,
    },
    ports: portNeeds(config),
    logFile: (name) => join(logs, `${name}.log`),
  };
}

export function postgresDataDir(dataDir: string): string {
  return join(dataDir, 'postgres');
}

export function temporalDataDir(dataDir: string): string {
  return join(dataDir, 'temporal');
}

/** What must be the same in a server that was left running for the next stack to go on with it. */
export function postgresFingerprint({ dataDir, config }: StackSettings): string {
  return [dataDir, config.POSTGRES_PORT, postgresVersion()].join(' ');
}

export function temporalFingerprint({ dataDir, config }: StackSettings, serverVersion: string): string {
  const { TEMPORAL_PORT, TEMPORAL_UI_PORT, TEMPORAL_NAMESPACE } = config;
  return [dataDir, TEMPORAL_PORT, TEMPORAL_UI_PORT, TEMPORAL_NAMESPACE, serverVersion].join(' ');
}

/** Seconds. Somebody waits for `npm stop`, and the next start goes on with what was cut short. */
const localDrain = '2';

/** The environment of API and worker: ours, and the addresses of what the stack runs itself. */
export function programEnv(
  settings: StackSettings,
  servers: { databaseUrl: string; temporalAddress: string },
): NodeJS.ProcessEnv {
  const { config, dataDir, addresses } = settings;
  return {
    ...process.env,
    DATA_DIR: dataDir,
    DATABASE_URL: servers.databaseUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    ...(addresses.ui !== null && { TEMPORAL_UI_URL: addresses.ui }),
    WORKER_DRAIN: process.env['WORKER_DRAIN'] || localDrain,
    FETCH_ALLOW: process.env['FETCH_ALLOW'] || `http://127.0.0.1:${config.PORT}/samples/`,
  };
}

function portNeeds(config: Config): StackSettings['ports'] {
  const postgres = { port: config.POSTGRES_PORT, purpose: 'PostgreSQL', variable: 'POSTGRES_PORT' };
  const temporal = { port: config.TEMPORAL_PORT, purpose: 'Temporal', variable: 'TEMPORAL_PORT' };
  const ui = { port: config.TEMPORAL_UI_PORT, purpose: "Temporal's web UI", variable: 'TEMPORAL_UI_PORT' };
  const api = {
    port: config.PORT,
    purpose: 'the API',
    variable: 'PORT',
    host: config.HOST,
    hostVariable: 'HOST',
  };
  const health = config.WORKER_HEALTH_PORT;
  return {
    postgres: config.DATABASE_URL ? [] : [postgres],
    temporal: config.TEMPORAL_ADDRESS ? [] : [temporal, ui],
    api: [api],
    worker:
      health === undefined
        ? []
        : [{ port: health, purpose: "the worker's health check", variable: 'WORKER_HEALTH_PORT' }],
  };
}

/** An API that listens everywhere is reached at the loopback address. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
