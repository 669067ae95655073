import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { JobTeller } from '../../src/database/job-teller.js';
import { loadConfig } from '../../src/config.js';
import type { JobFiles } from '../../src/files/job-files.js';
import type { ConcurrencyGate } from '../../src/jobs/concurrency-gate.js';
import type { JobAliases } from '../../src/jobs/job-aliases.js';
import { JobStarter, NotSent } from '../../src/jobs/job-starter.js';
import { JobsService } from '../../src/jobs/jobs.service.js';
import { ModelCheck } from '../../src/jobs/model-check.js';
import type { Needs } from '../../src/jobs/needs.js';
import type { JobReader } from '../../src/reading/job-reader.js';
import { type TemporalClient, busyMs, inLineMs } from '../../src/temporal/temporal-client.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const body = {
  type: 'extractArticle',
  input: { url: 'http://127.0.0.1/article', sourceLang: 'es', targetLang: 'fr' },
};

/** A service whose lookup of a key takes so long, by a clock that nothing else moves, and the limits of its starts. */
function serviceWith(lookupMs: number) {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  const limits: number[] = [];
  const temporal = {
    patience: (limitMs: number) => () => limitMs,
    runLink: () => null,
    call: async (_: unknown, limitMs: number) => {
      limits.push(limitMs);
      return { firstExecutionRunId: 'run' };
    },
  } as unknown as TemporalClient;
  const reader = {
    crowded: false,
    forget: () => undefined,
    find: async () => {
      now += lookupMs;
      return null;
    },
  } as unknown as JobReader;
  const config = loadConfig({ DATABASE_URL: 'postgres://nobody', MODEL: 'rules' });
  const files = { check: async () => undefined, claim: async () => undefined } as unknown as JobFiles;
  const teller = { tell: () => undefined } as unknown as JobTeller;
  const aliases = { point: async () => undefined } as unknown as JobAliases;
  const starter = new JobStarter(temporal, reader, teller, files, aliases, config);
  const gate = { answered: async () => null } as unknown as ConcurrencyGate;
  const needs = { check: async () => undefined } as unknown as Needs;
  const models = new ModelCheck(config);
  return { service: new JobsService(starter, gate, reader, needs, models, files), limits };
}

const submit = ({ service }: ReturnType<typeof serviceWith>) =>
  service.submit(body, { owner: 'local', by: null, key: 'a-key' });

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a submit with an Idempotency-Key', () => {
  it.each([
    ['as long as any call, after a short lookup of the key', 4_000, busyMs],
    ['what a long lookup has left of its time', inLineMs - 5_000, 5_000],
    ['long enough to be answered, when hardly anything is left', inLineMs - 100, 3_000],
  ])('has for its start %s', async (_, lookupMs, startMs) => {
    const submitted = serviceWith(lookupMs);
    await submit(submitted);
    expect(submitted.limits).toEqual([startMs]);
  });

  it('is not sent when nothing is left, and nothing was started', async () => {
    const submitted = serviceWith(inLineMs + 1);
    await expect(submit(submitted)).rejects.toThrow(NotSent);
    expect(submitted.limits).toEqual([]);
  });
});

failOnLeftovers();
