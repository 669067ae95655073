import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from './model-exchange.js';
import { answerTo } from './model-answer.js';

export interface BehaviourOptions {
  /** What the model says, instead of an answer made from the prompt. */
  text?: string;
  /** How long a slow answer takes, from its first to its last token. */
  durationMs?: number;
  /** The time between two words of one who tells the time. */
  everyMs?: number;
  /** When the second half of an answer is said; never, if absent. */
  goOn?: Promise<unknown>;
  /** The Retry-After header of a refusal: seconds or a date. */
  retryAfter?: string;
  /** Headers of a refusal besides that. */
  headers?: Record<string, string>;
}

type Behaviour = (exchange: Exchange, options: BehaviourOptions) => Promise<void> | void;

const tokens = (text: string): string[] => text.match(/[^]{1,12}/gu) ?? [];

/** As many tokens of the text as the request lets the model say. */
function sayable(text: string, { asked }: Exchange): { pieces: string[]; cut: boolean } {
  const pieces = tokens(text);
  return { pieces: pieces.slice(0, asked.maxTokens), cut: pieces.length > asked.maxTokens };
}

const refusal =
  (status: number, error: Record<string, unknown>, retryAfter?: string): Behaviour =>
  (exchange, options) => {
    const after = options.retryAfter ?? retryAfter;
    exchange.refuse(status, error, { ...options.headers, ...(after ? { 'retry-after': after } : {}) });
  };

/** Says the text and ends as a model does: with a finish reason, the usage and the end mark. */
const saying =
  (write: (text: string) => string, finishReason = 'stop'): Behaviour =>
  (exchange, options) => {
    const { pieces, cut } = sayable(write(options.text ?? answerTo(exchange.asked)), exchange);
    for (const piece of pieces) exchange.say(piece);
    exchange.finish(cut ? 'length' : finishReason);
  };

/** Answers unless the request has something that this server does not take. */
const refusing =
  (isWrong: (exchange: Exchange) => boolean, message: string): Behaviour =>
  (exchange, options) => {
    if (!isWrong(exchange)) return behaviours.answer(exchange, options);
    exchange.refuse(400, { message, type: 'invalid_request_error', code: null });
  };

const halfOf = (text: string): string => text.slice(0, Math.ceil(text.length / 2));

const sayHalf = (exchange: Exchange, options: BehaviourOptions): void => {
  for (const token of tokens(halfOf(options.text ?? answerTo(exchange.asked)))) exchange.say(token);
};

/** Every way the stand-in can treat a call; each is also the name of a model that always does so. */
export const behaviours = {
  answer: saying((text) => text),

  /** The whole answer in one piece, which costs load tests the least. */
  instant: (exchange, options) => {
    exchange.say(options.text ?? answerTo(exchange.asked));
    exchange.finish('stop');
  },

  /** As `instant`, by a model that thinks first and has seen some of the prompt before. */
  thinking: (exchange, options) => {
    exchange.countAs({ cached: 64, reasoning: 300 });
    exchange.say(options.text ?? answerTo(exchange.asked));
    exchange.finish('stop');
  },

  slow: async (exchange, options) => {
    const { pieces, cut } = sayable(options.text ?? answerTo(exchange.asked), exchange);
    const pauseMs = (options.durationMs ?? 20_000) / pieces.length;
    for (const piece of pieces) {
      exchange.say(piece);
      await delay(pauseMs, undefined, { signal: exchange.gone });
    }
    exchange.finish(cut ? 'length' : 'stop');
  },

  /** Half of the answer, and the rest when it is told to go on: a pause that no slow machine outlasts. */
  'in-halves': async (exchange, options) => {
    const text = options.text ?? answerTo(exchange.asked);
    sayHalf(exchange, options);
    await exchange.waitFor(options.goOn);
    for (const token of tokens(text.slice(halfOf(text).length))) exchange.say(token);
    exchange.finish('stop');
  },

  /** Says what time it is, as "@<ms since the epoch>;", until nobody listens: what came of it later shows how long that took. */
  clock: async (exchange, options) => {
    while (!exchange.gone.aborted) {
      exchange.say(`@${Date.now()};`);
      await delay(options.everyMs ?? 1_000, undefined, { signal: exchange.gone });
    }
  },

  'hang-before-headers': (exchange) => exchange.untilGone(),

  'hang-mid-stream': async (exchange, options) => {
    sayHalf(exchange, options);
    await exchange.untilGone();
  },

  'cut-before-headers': (exchange) => exchange.cut(),

  'cut-mid-stream': async (exchange, options) => {
    sayHalf(exchange, options);
    await exchange.flushed();
    exchange.cut();
  },

  'end-without-finish': (exchange, options) => {
    sayHalf(exchange, options);
    exchange.end();
  },

  'rate-limited': refusal(
    429,
    { message: 'Rate limit reached for requests', type: 'requests', code: 'rate_limit_exceeded' },
    '7',
  ),

  'quota-exhausted': refusal(429, {
    message: 'You exceeded your current quota, please check your plan and billing details.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  }),

  'server-error': refusal(500, { message: 'The server had an error', type: 'server_error', code: null }),

  overloaded: refusal(529, { message: 'Overloaded', type: 'overloaded_error' }),

  'bad-gateway': (exchange) => exchange.html(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'),

  'wrong-key': refusal(401, {
    message: 'Incorrect API key provided: sk-canar*************alue.',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  }),

  'unknown-model': refusal(404, {
    message: 'The model does not exist or you do not have access to it.',
    type: 'invalid_request_error',
    code: 'model_not_found',
  }),

  'no-such-page': (exchange) => exchange.html(404, '404 page not found'),

  'context-too-long': refusal(400, {
    message: "This model's maximum context length is 8192 tokens.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  }),

  'bad-request': refusal(400, {
    message: "Unsupported value: 'temperature'",
    type: 'invalid_request_error',
    code: 'unsupported_value',
  }),

  'error-mid-stream': (exchange, options) => {
    sayHalf(exchange, options);
    exchange.breakOff({ message: 'The server is overloaded', type: 'server_error', code: 'server_error' });
  },

  'json-error-with-200': (exchange) => exchange.refuse(200, { message: 'no capacity' }),

  'broken-events': (exchange) => {
    exchange.raw('{"choices": [{"delta"');
    exchange.end();
  },

  'broken-json': saying((text) => text.slice(0, -2)),

  'wrong-shape': saying(() => JSON.stringify({ vocabulary: ['casa'] })),

  'fenced-json': saying((text) => '```json\n' + text + '\n```'),

  'length-limit': saying((text) => halfOf(text), 'length'),

  /** All of it, where the limit happens to be. */
  'whole-at-limit': saying((text) => text, 'length'),

  'content-filter': saying(() => '', 'content_filter'),

  'tool-call': saying(() => '', 'tool_calls'),

  empty: saying(() => ''),

  /** The whole answer, and then blank lines until nobody listens. */
  'blank-lines': async (exchange, options) => {
    exchange.say(options.text ?? answerTo(exchange.asked));
    while (!exchange.gone.aborted) {
      exchange.say('\n');
      await delay(options.everyMs ?? 50, undefined, { signal: exchange.gone });
    }
  },

  /** The whole answer, and then nothing, on a connection that stays open. */
  'never-done': async (exchange, options) => {
    exchange.say(options.text ?? answerTo(exchange.asked));
    await exchange.untilGone();
  },

  /** The answer's text, over and over until nobody listens. */
  loop: async (exchange, options) => {
    while (!exchange.gone.aborted) {
      exchange.say(options.text ?? answerTo(exchange.asked));
      await exchange.flushed();
    }
  },

  'refuses-lengths': refusing(
    ({ asked }) => JSON.stringify(asked.schema).includes('"maxLength"'),
    "Invalid schema for response_format 'response': In context=('properties', 'word'), 'maxLength' is not permitted.",
  ),

  'refuses-counts': refusing(
    ({ asked }) => JSON.stringify(asked.schema).includes('"maxItems"'),
    'failed to parse grammar: number of repetitions exceeds sane defaults',
  ),

  'refuses-long': refusing(
    ({ asked }) => asked.maxTokens > 100 && asked.maxTokens < Infinity,
    'max_tokens is too large: this model supports at most 100 completion tokens.',
  ),

  'no-usage': (exchange, options) => {
    exchange.say(options.text ?? answerTo(exchange.asked));
    exchange.finish('stop', { withUsage: false });
  },

  endless: async (exchange) => {
    exchange.say('{"words": [');
    while (!exchange.gone.aborted) {
      exchange.say(' '.repeat(4096));
      await exchange.flushed();
    }
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof behaviours;

export const isBehaviourName = (name: string): name is BehaviourName => Object.hasOwn(behaviours, name);
