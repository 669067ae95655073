import { z } from 'zod';

const State = z.enum(['up', 'down', 'unknown']);
const since = z.iso.datetime().nullable();

/** Something that Longhaul stands on, or a part of it. */
export const SystemPart = z
  .object({
    name: z.enum(['api', 'database', 'temporal', 'workers']),
    state: State,
    since: since.meta({ description: 'Since when this API process has seen it so; null: not looked at yet' }),
    version: z.string().nullable(),
  })
  .meta({ id: 'SystemPart' });
export type SystemPart = z.infer<typeof SystemPart>;

/** A line that workers take their work from. */
export const SystemQueue = z
  .object({
    name: z.string(),
    kind: z.enum(['workflows', 'activities']),
    workers: z.int().nullable().meta({ description: 'That have asked for work lately; null: not known' }),
    lastAskedAt: since.meta({ description: 'When a worker last asked for work' }),
    backlog: z.int().nullable().meta({ description: 'Tasks that wait, about; null: not known' }),
  })
  .meta({ id: 'SystemQueue' });
export type SystemQueue = z.infer<typeof SystemQueue>;

export const SystemProvider = z
  .object({
    name: z.string(),
    models: z.array(z.string()).meta({ description: 'Those a job may name' }),
    state: State.meta({ description: 'By its last call of a day; unknown: it was not asked' }),
    since: since.meta({ description: 'The first call of a row that went as the last one did' }),
    lastCallAt: since,
    failureCode: z.string().nullable().meta({ description: 'Of the last call, where that failed' }),
  })
  .meta({ id: 'SystemProvider' });
export type SystemProvider = z.infer<typeof SystemProvider>;

export const SystemAddress = z
  .object({
    name: z.string(),
    url: z.string().meta({ description: 'A path is one of this API' }),
    about: z.string(),
  })
  .meta({ id: 'SystemAddress' });
export type SystemAddress = z.infer<typeof SystemAddress>;

export const System = z
  .object({
    version: z.string(),
    runtime: z.string().meta({ description: 'What the API runs on' }),
    keys: z.object({
      inUse: z.boolean().meta({ description: 'Whether requests need one' }),
      operator: z.boolean().meta({ description: 'Whether whoever asks may make and revoke some' }),
    }),
    parts: z.array(SystemPart),
    queues: z.array(SystemQueue),
    providers: z.array(SystemProvider),
    addresses: z.array(SystemAddress),
  })
  .meta({ id: 'System' });
export type System = z.infer<typeof System>;
