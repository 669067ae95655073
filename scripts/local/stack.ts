import { Keeper, type Running } from './keeper.js';
import { adoptable, awaitPrograms } from './orphans.js';
import { requireFreePorts } from './ports.js';
import { adoptPostgres, findPostgres, type LocalPostgres, startPostgres, stopPostgres } from './postgres.js';
import { isAlive, type ProcessIdentity, send } from './processes.js';
import { type LocalProgram, startProgram } from './program.js';
import type { OnSpawn } from './server-process.js';
import {
  labels,
  postgresDataDir,
  postgresFingerprint,
  programEnv,
  type StackSettings,
  temporalDataDir,
  temporalFingerprint,
} from './settings.js';
import { type PartName, removeRecord, type StackRecord, writeRecord } from './stack-record.js';
import type { Tell } from './telling.js';
import { findTemporalCli, type TemporalCli } from './temporal-cli.js';
import {
  adoptTemporal,
  findTemporal,
  type LocalTemporal,
  startTemporal,
  stopTemporal,
} from './temporal-server.js';

/** Clients before their servers. */
const stopOrder: readonly (readonly PartName[])[] = [['api', 'worker'], ['temporal'], ['postgres']];
/** The worker lets running steps finish, or hands them over when its drain is over; the API ends its open streams at once. */
const drainLimitMs = { api: 15_000, worker: 30_000 };
/** After this long without a word, the stack says what it waits for. */
const silenceMs = 5_000;

/** PostgreSQL, Temporal, the API and a worker, started, watched and stopped together. */
export class Stack {
  private readonly keepers = new Map<PartName, Keeper<Running>>();
  private readonly waitingFor = new Set<PartName>();
  private readonly stopping = new AbortController();
  private lastWord = performance.now();
  private released = false;

  /** @param record taken with takeRecord, and given back when the stack has stopped */
  constructor(
    private readonly settings: StackSettings,
    private readonly record: StackRecord,
    private readonly print: Tell,
  ) {}

  /** Resolves when all parts are ready. @throws what kept one from starting; call stop() then as well */
  async start(): Promise<void> {
    const ticker = setInterval(() => this.sayWhatIsAwaited(), 1_000);
    try {
      const left = { ...this.record.parts };
      await awaitPrograms(left, this.report);
      await this.requirePorts(left);
      this.report('Starting PostgreSQL and Temporal.');
      const [databaseUrl, temporalAddress] = await Promise.all([this.database(left), this.temporal(left)]);
      this.stopping.signal.throwIfAborted();
      this.report('Starting the API and a worker.');
      const env = programEnv(this.settings, { databaseUrl, temporalAddress });
      await Promise.all([this.program('api', env), this.program('worker', env)]);
      this.stopping.signal.throwIfAborted();
      this.update({ phase: 'ready', addresses: this.settings.addresses });
    } finally {
      clearInterval(ticker);
    }
  }

  /** Lets every part finish, in order, and leaves nothing running. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.update({ phase: 'stopping' });
    for (const names of stopOrder) await Promise.all(names.map((name) => this.stopPart(name)));
    this.released = true;
    removeRecord(this.settings.dataDir);
  }

  private async stopPart(name: PartName): Promise<void> {
    const part = this.record.parts[name];
    if (!part) return;
    if (isAlive(part)) this.report(`Stopping ${inSentence(name)}.`);
    // Nothing is kept of a part that is not ready yet, so that it need not be waited for.
    if (this.waitingFor.has(name)) send(part, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
    await this.keepers.get(name)?.stop();
    const { [name]: _stopped, ...others } = this.record.parts;
    this.update({ parts: others });
  }

  /** At once. The next start finds the data as after a crash, and loses none. */
  kill(): void {
    this.stopping.abort();
    for (const part of Object.values(this.record.parts)) send(part, 'SIGKILL');
    removeRecord(this.settings.dataDir);
  }

  private async requirePorts(left: StackRecord['parts']): Promise<void> {
    const held = new Set(
      Object.values(left)
        .filter(isAlive)
        .flatMap(({ ports }) => ports),
    );
    const needs = Object.values(this.settings.ports).flat();
    await requireFreePorts(needs.filter(({ port }) => !held.has(port)));
  }

  private async database(left: StackRecord['parts']): Promise<string> {
    const { config, dataDir } = this.settings;
    const folder = postgresDataDir(dataDir);
    const find = { find: () => findPostgres(folder), end: stopPostgres };
    if (config.DATABASE_URL) {
      await adoptable(left.postgres, { ...find, fingerprint: undefined });
      return config.DATABASE_URL;
    }
    const fingerprint = postgresFingerprint(this.settings);
    let adopted = await adoptable(left.postgres, { ...find, fingerprint });
    const options = {
      dataDir: folder,
      port: config.POSTGRES_PORT,
      logFile: this.settings.logFile('postgres'),
      lifetime: 'own',
      onSpawn: this.recordPart('postgres', fingerprint),
    } as const;
    const { url } = await this.keep<LocalPostgres>('postgres', async () => {
      const identity = adopted;
      adopted = undefined;
      const running = identity && (await this.adopt('postgres', () => adoptPostgres(options, identity)));
      return running ?? startPostgres(options);
    });
    return url;
  }

  private async temporal(left: StackRecord['parts']): Promise<string> {
    const { config, dataDir } = this.settings;
    const folder = temporalDataDir(dataDir);
    const find = { find: () => findTemporal(folder), end: stopTemporal };
    if (config.TEMPORAL_ADDRESS) {
      await adoptable(left.temporal, { ...find, fingerprint: undefined });
      return config.TEMPORAL_ADDRESS;
    }
    const cli = await this.temporalCli();
    const fingerprint = temporalFingerprint(this.settings, cli.serverVersion);
    let adopted = await adoptable(left.temporal, { ...find, fingerprint });
    const options = {
      cli,
      dataDir: folder,
      port: config.TEMPORAL_PORT,
      uiPort: config.TEMPORAL_UI_PORT,
      namespace: config.TEMPORAL_NAMESPACE,
      logFile: this.settings.logFile('temporal'),
      lifetime: 'own',
      onSpawn: this.recordPart('temporal', fingerprint),
    } as const;
    const { address } = await this.keep<LocalTemporal>('temporal', async () => {
      const identity = adopted;
      adopted = undefined;
      const running = identity && (await this.adopt('temporal', () => adoptTemporal(options, identity)));
      return running ?? startTemporal(options);
    });
    return address;
  }

  private async temporalCli(): Promise<TemporalCli> {
    this.waitingFor.add('temporal');
    const cli = await findTemporalCli({ report: this.report, signal: this.stopping.signal });
    this.stopping.signal.throwIfAborted();
    return cli;
  }

  private async program(name: 'api' | 'worker', env: NodeJS.ProcessEnv): Promise<void> {
    await this.keep<LocalProgram>(name, () =>
      startProgram({
        label: labels[name],
        script: name === 'api' ? 'dist/src/main.js' : 'dist/src/worker.js',
        env,
        logFile: this.settings.logFile(name),
        drainLimitMs: drainLimitMs[name],
        onSpawn: this.recordPart(name, 'never adopted'),
      }),
    );
  }

  private async keep<T extends Running>(name: PartName, start: () => Promise<T>): Promise<T> {
    const keeper = new Keeper<T>({ label: labels[name], start, report: this.report });
    this.keepers.set(name, keeper);
    this.waitingFor.add(name);
    const running = await keeper.start();
    this.waitingFor.delete(name);
    return running;
  }

  /** One that does not answer is stopped and replaced by whoever called. */
  private async adopt<T extends Running>(name: PartName, take: () => Promise<T>): Promise<T | undefined> {
    try {
      const running = await take();
      this.report(`Going on with ${labels[name]}, which was still running.`);
      return running;
    } catch (error) {
      this.report(`${error instanceof Error ? error.message : String(error)}\nStarting another.`);
      return undefined;
    }
  }

  private recordPart(name: PartName, fingerprint: string): OnSpawn {
    const ports = this.settings.ports[name].map(({ port }) => port);
    return (identity: ProcessIdentity) => {
      this.update({ parts: { ...this.record.parts, [name]: { ...identity, fingerprint, ports } } });
    };
  }

  private readonly report: Tell = (line, since) => {
    // A line that counts goes on telling.
    this.lastWord = since === undefined ? performance.now() : Infinity;
    this.print(line, since);
    this.update({ note: line, noteSince: since });
  };

  private update(change: Partial<StackRecord>): void {
    Object.assign(this.record, change);
    if (!this.released) writeRecord(this.settings.dataDir, this.record);
  }

  private sayWhatIsAwaited(): void {
    if (this.stopping.signal.aborted || performance.now() - this.lastWord < silenceMs) return;
    const names = [...this.waitingFor].map(inSentence);
    if (names.length > 0) this.report(`Waiting for ${names.join(' and ')}.`);
  }
}

function inSentence(name: PartName): string {
  return labels[name].replace(/^The/, 'the');
}
