import { setTimeout as pause } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';

/** One answer, as far as it is under way. */
export interface Exchange {
  response: ServerResponse;
  /** What the audio says, by its content. */
  text: string;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

const json = ({ response }: Exchange, { status = 200, headers = {}, body }: Refusal): void => {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
};

interface Refusal {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

const refuse =
  (
    status: number,
    { code, message, headers = {} }: { code: string; message: string; headers?: Record<string, string> },
  ) =>
  (exchange: Exchange): void =>
    json(exchange, { status, headers, body: { error: { message, type: code, code, param: null } } });

/** As real servers do, by name. */
export const behaviours = {
  answer: (exchange) => json(exchange, { body: { text: exchange.text } }),
  silence: (exchange) => json(exchange, { body: { text: '' } }),
  /** As much as is said in so long. */
  'half-hour': (exchange) => json(exchange, { body: { text: `${exchange.text} `.repeat(1_100) } }),
  'two-hours': (exchange) => json(exchange, { body: { text: `${exchange.text} `.repeat(5_000) } }),
  async slow(exchange) {
    await pause(1_000, undefined, { signal: exchange.gone });
    json(exchange, { body: { text: exchange.text } });
  },
  async hang({ gone }) {
    await new Promise((resolve) => gone.addEventListener('abort', resolve, { once: true }));
  },
  'rate-limited': refuse(429, {
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests.',
    headers: { 'retry-after': '1' },
  }),
  'quota-exhausted': refuse(429, {
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  }),
  'key-refused': refuse(401, { code: 'invalid_api_key', message: 'Incorrect API key provided.' }),
  overloaded: refuse(503, { code: 'server_error', message: 'The engine is currently overloaded.' }),
  broken: refuse(500, { code: 'server_error', message: 'The server had an error.' }),
  'too-large': refuse(413, {
    code: 'request_too_large',
    message: 'Maximum content size limit (26214400) exceeded.',
  }),
  'not-audio': refuse(400, { code: 'invalid_request_error', message: 'Audio file could not be decoded.' }),
  'wrong-json': (exchange) => json(exchange, { body: { transcript: exchange.text } }),
  'no-json': (exchange) => json(exchange, { body: '<html>504 Gateway Time-out</html>' }),
  'error-in-200': (exchange) => json(exchange, { body: { error: { message: 'The engine is overloaded.' } } }),
  'cut-off': async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"te');
    await pause(20);
    response.destroy();
  },
} as const satisfies Record<string, (exchange: Exchange) => void | Promise<void>>;

export type TranscriptionBehaviour = keyof typeof behaviours;

export const isTranscriptionBehaviour = (name: string): name is TranscriptionBehaviour =>
  Object.hasOwn(behaviours, name);
