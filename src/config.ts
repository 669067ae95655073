import { z } from 'zod';
import { usualTranscribeModel } from '../job-types/fields/transcriber-name.js';
import { modelNames } from '../job-types/fields/model-names.js';
import { modelPrices } from '../job-types/fields/model-prices.js';
import { keyVariable, namedProviders } from '../job-types/fields/named-providers.js';
import { whatIsWrong } from './what-is-wrong.js';

const perMinute = (fallback: number, description: string) =>
  z.coerce.number().int().min(0).max(1_000_000_000).default(fallback).meta({ description });

const portNumber = z.coerce.number().int().min(1).max(65535);

const port = (fallback: number, description: string) => portNumber.default(fallback).meta({ description });

const atLeastOne = (fallback: number, description: string) =>
  z.coerce.number().int().min(1).default(fallback).meta({ description });

const dollars = (description: string) => z.coerce.number().min(0).optional().meta({ description });

/** "a, b" -> ["a", "b"]; an empty variable is an empty list. */
const list = (fallback: string, description: string) =>
  z
    .string()
    .default(fallback)
    .transform((value) => value.split(',').flatMap((part) => part.trim() || []))
    .meta({ description });

/** What a list says; what its reader throws is what is wrong with the variable. */
const read =
  <T>(reader: (entries: string[]) => T) =>
  (entries: string[], context: z.RefinementCtx<string[]>): T => {
    try {
      return reader(entries);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  };

/** As browsers write it; patterns are none. */
const isOrigin = (text: string): boolean =>
  !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;

/**
 * Every variable the processes read, by its name in the environment. An empty variable counts as absent. The local
 * stack (`npm start`) fills in DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_UI_URL and FETCH_ALLOW for what it starts itself.
 */
export const configSchema = z.object({
  HOST: z.string().default('127.0.0.1').meta({ description: 'Address the API listens on' }),
  PORT: port(3000, 'Port of the API'),
  ALLOW_KEYLESS: z
    .stringbool()
    .default(false)
    .meta({ description: 'true: listen beyond loopback although there is no API key' }),
  CORS_ORIGINS: list('', 'Origins whose pages may call the API from a browser, separated by commas').refine(
    (origins) => origins.every(isOrigin),
    'write origins such as https://app.example.org, exactly as browsers send them, separated by commas',
  ),
  API_KEY: z.string().optional().meta({ description: 'Key that `npm run demo` sends, once keys exist' }),
  OPERATORS: list('local', 'Owners whose keys may make and revoke keys over HTTP, separated by commas'),
  RATE_LIMIT_SUBMIT: perMinute(6_000, 'Submits an owner may make in a minute; 0: no limit'),
  RATE_LIMIT_READ: perMinute(120_000, 'Other requests an owner may make in a minute; 0: no limit'),
  RATE_LIMIT_STREAM: perMinute(6_000, 'Event streams an owner may open in a minute; 0: no limit'),
  RATE_LIMIT_UPLOAD: perMinute(600, 'Files an owner may upload in a minute; 0: no limit'),
  MAX_FILE_BYTES: atLeastOne(50_000_000, 'Bytes of an uploaded file'),
  UPLOAD_STALL: atLeastOne(30, 'Seconds an upload may stand still'),
  UPLOAD_LEAST_RATE: atLeastOne(10_000, 'Bytes a second that an upload brings at least, over UPLOAD_STALL'),
  MAX_UNCLAIMED_FILES: atLeastOne(10_000, 'Uploaded files of an owner that no job was given'),
  MAX_UNCLAIMED_BYTES: atLeastOne(10_000_000_000, 'Bytes of those files'),
  INPUT_ROOT: z.string().default('samples').meta({
    description:
      'Folder below which jobs read files that they are told by path; the API and the workers see it',
  }),
  OUTPUT_ROOT: z.string().default('.data/output').meta({
    description:
      'Folder below which jobs write the files that they are told to; the API and the workers see it',
  }),
  DATA_DIR: z.string().default('.data').meta({ description: 'Data and logs of the local stack' }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line written' }),

  DATABASE_URL: z
    .string()
    .optional()
    .meta({ description: 'PostgreSQL; unset: the local stack runs its own' }),
  POSTGRES_PORT: port(5433, 'Port of the local PostgreSQL'),

  TEMPORAL_ADDRESS: z
    .string()
    .optional()
    .meta({ description: 'host:port; unset: the local stack runs its own' }),
  TEMPORAL_NAMESPACE: z.string().default('default').meta({ description: 'Temporal namespace' }),
  TEMPORAL_TASK_QUEUE: z.string().default('longhaul').meta({ description: 'Task queue of the jobs' }),
  TEMPORAL_PORT: port(7233, 'Port of the local Temporal server'),
  TEMPORAL_UI_PORT: port(8233, 'Port of the local Temporal web UI'),
  TEMPORAL_UI_URL: z.url().optional().meta({
    description: 'Temporal web UI that job links point to; unset with an external server: no links',
  }),
  TEMPORAL_CLI: z.string().optional().meta({ description: 'Path of a temporal binary for the local stack' }),
  WORKER_HEALTH_PORT: portNumber
    .optional()
    .meta({ description: 'Port on which the worker answers /healthz and /readyz; unset: none' }),

  WORKER_DRAIN: z.coerce.number().int().min(0).max(300).default(10).meta({
    description:
      'Seconds that running steps may go on after SIGTERM before they are handed over; `npm start`: 2',
  }),

  MAX_STREAMS: atLeastOne(100, 'Event streams an owner may have open'),
  MAX_QUEUE_DEPTH: atLeastOne(1_000, 'Jobs that may wait for the same concurrency key'),

  MODEL: z.string().optional().meta({
    description: 'Default model as provider/model (openai/..., anthropic/...); unset: the built-in rules',
  }),
  MODELS: list('', 'Further models a job may name, separated by commas'),
  MODEL_PRICES: list(
    '',
    'Your own prices as provider/model=input/output[/cached], US dollars for a million tokens, separated by commas',
  ).transform(read(modelPrices)),
  OWNER_BUDGET_USD_DAY: dollars(
    'US dollars that the calls of an owner may cost in a day of UTC; unset: no limit',
  ),
  OWNER_BUDGET_USD_MONTH: dollars(
    'US dollars that the calls of an owner may cost in a month of UTC; unset: no limit',
  ),
  PROVIDERS: list(
    '',
    'Further OpenAI-compatible servers as name=address, separated by commas; their models are name/..., their keys <NAME>_API_KEY',
  ).transform(read(namedProviders)),
  OPENAI_API_KEY: z.string().optional().meta({ description: 'Key for openai/... models' }),
  OPENAI_BASE_URL: z.url().optional().meta({
    description: 'OpenAI-compatible address (Ollama, vLLM, LM Studio) that openai/... models go to instead',
  }),
  ANTHROPIC_API_KEY: z.string().optional().meta({ description: 'Key for anthropic/... models' }),
  ANTHROPIC_BASE_URL: z
    .url()
    .optional()
    .meta({ description: 'Address of a proxy that anthropic/... models are asked through, with its /v1' }),

  TRANSCRIBE_BASE_URL: z.url().optional().meta({
    description:
      'OpenAI-compatible address, with its /v1, whose /audio/transcriptions turns speech into text; unset: transcripts that lie beside the audio',
  }),
  TRANSCRIBE_MODEL: z
    .string()
    .default(usualTranscribeModel)
    .meta({ description: 'Model of the transcriber' }),
  TRANSCRIBE_API_KEY: z.string().optional().meta({ description: 'Key for the transcriber' }),
  TRANSCRIBE_MAX_BYTES: atLeastOne(25_000_000, 'Bytes that the transcriber takes; longer audio is split'),
  TRANSCRIBE_TIMEOUT: atLeastOne(600, 'Seconds that the transcriber may take for one request'),
  TRANSCRIBE_USD_MINUTE: dollars('US dollars that a minute of audio costs; unset: no known price'),
  CHAT_CONCURRENCY: atLeastOne(5, 'Plans over workbooks of an owner that run at once'),
  CHAT_SOCKET_PORT: z.coerce.number().int().min(0).max(65535).default(5051).meta({
    description: 'Port on which conversations about workbooks tell how their plans go; 0: none',
  }),

  TASK_START_TYPE: z.string().default('ask').meta({
    description: 'Job type that POST /api/task/start starts; one that needs no more than one text',
  }),

  COOKIE_JARS: list(
    '',
    'name=path of Netscape cookies.txt files, separated by commas; jobs choose one by name',
  )
    .refine(
      (jars) => jars.every((jar) => /^[A-Za-z0-9_-]+=./.test(jar)),
      'write name=path, separated by commas',
    )
    .transform(
      (jars) =>
        new Map(
          jars.map((jar): [string, string] => [
            jar.slice(0, jar.indexOf('=')),
            jar.slice(jar.indexOf('=') + 1),
          ]),
        ),
    ),
  FETCH_ALLOW: list(
    'http://127.0.0.1:3000/samples/',
    'URL prefixes that may be fetched although their address is not public, separated by commas',
  ),
});

export type Config = Readonly<z.infer<typeof configSchema>>;

/** What Nest injects the configuration by. */
export const CONFIG = Symbol('config');

/** Names every variable that is wrong, and what is wrong with it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws {ConfigError} */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = configSchema.safeParse(present, { error: whatIsWrong });
  if (parsed.success) return checked(withKeys(parsed.data, present));
  const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The configuration is wrong.\n  ${complaints.join('\n  ')}`);
}

/** The keys of named providers have names that no schema knows beforehand. */
const withKeys = (config: Config, env: Readonly<Record<string, string | undefined>>): Config => ({
  ...config,
  PROVIDERS: new Map(
    [...config.PROVIDERS].map(([name, { baseURL }]) => [name, { baseURL, apiKey: env[keyVariable(name)] }]),
  ),
});

function checked(config: Config): Config {
  try {
    modelNames(config);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return Object.freeze(config);
}
