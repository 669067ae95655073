import { findPostgres, stopPostgres } from './postgres.js';
import { isAlive, type ProcessIdentity, stop, waitForEnd } from './processes.js';
import { postgresDataDir, temporalDataDir } from './settings.js';
import type { StackRecord } from './stack-record.js';
import { findTemporal, stopTemporal } from './temporal-server.js';

type Parts = StackRecord['parts'];

/** API and worker end by themselves when their stack is gone, after finishing what they were doing. */
const programLimitMs = 10_000;

/** Resolves when the API and the worker of a dead stack have ended. */
export async function awaitPrograms(parts: Parts, report: (line: string) => void): Promise<void> {
  const left = [parts.api, parts.worker].filter((part) => part !== undefined).filter(isAlive);
  if (left.length === 0) return;
  report('Waiting for the API and the worker of the stack that was killed to end.');
  await Promise.all(
    left.map(async (identity) => {
      if (!(await waitForEnd(identity, programLimitMs)))
        await stop(identity, { signal: 'SIGKILL', limitMs: 0 });
    }),
  );
}

/**
 * The server on the data folder that the next stack can go on with: the one that was recorded with the same
 * fingerprint. Every other is stopped.
 */
export async function adoptable(
  recorded: Parts['postgres'],
  {
    fingerprint,
    find,
    end,
  }: {
    fingerprint: string | undefined;
    find: () => ProcessIdentity[];
    end: (identity: ProcessIdentity) => Promise<void>;
  },
): Promise<ProcessIdentity | undefined> {
  let adopted: ProcessIdentity | undefined;
  for (const server of find()) {
    const same = server.pid === recorded?.pid && server.startTime === recorded.startTime;
    if (same && recorded.fingerprint === fingerprint) adopted = server;
    else await end(server);
  }
  return adopted;
}

/** Ends everything a dead stack left, clients before their servers. @returns how many processes that were */
export async function endOrphans(dataDir: string, parts: Parts): Promise<number> {
  const programs = [parts.api, parts.worker].filter((part) => part !== undefined).filter(isAlive);
  await Promise.all(programs.map((identity) => stop(identity, { limitMs: programLimitMs })));
  const temporal = findTemporal(temporalDataDir(dataDir));
  await Promise.all(temporal.map(stopTemporal));
  const postgres = findPostgres(postgresDataDir(dataDir));
  await Promise.all(postgres.map(stopPostgres));
  return programs.length + temporal.length + postgres.length;
}
