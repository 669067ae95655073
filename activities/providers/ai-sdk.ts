import { type FinishReason, type LanguageModelUsage, Output, streamText } from 'ai';
import type { z } from 'zod';
import { StepFailure } from '../frame/step-failure.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import { estimatedTokens } from '../frame/tokens.js';
import { heardModel } from './heard-model.js';
import type { OpenedModel } from './language-models.js';
import type { Answer, Question } from './model.js';
import { classify } from './provider-errors.js';
import { type Patience, createSilenceLimit } from './silence-limit.js';

const usualPatience: Patience = { firstMs: 180_000, nextMs: 60_000 };

// The SDK's warnings (a setting a model ignores, a model it does not know) would go to the worker's standard error.
globalThis.AI_SDK_LOG_WARNINGS = false;

interface SdkOptions {
  patience?: Patience | undefined;
  /** Texts that must never appear in a failure. */
  secrets: readonly string[];
}

interface Finish {
  reason: FinishReason;
  /** The provider's own word for it. */
  rawReason: string | undefined;
  usage: LanguageModelUsage;
}

/** Asks once, reading the stream to its natural end; anything else is a failure. */
export async function askThroughSdk<T>(
  model: OpenedModel,
  question: Question<T>,
  { patience = usualPatience, secrets }: SdkOptions,
): Promise<Answer<T>> {
  const { signal, system, prompt, schema, longestAnswer, listener, model: provider } = question;
  signal.throwIfAborted();
  const silence = createSilenceLimit(patience);
  // Aborted at the end, whatever happened, so that no socket stays open behind a failure.
  const over = new AbortController();
  const text = new Transcript(question);
  try {
    const { stream } = streamText({
      model: listener ? heardModel(model, listener) : model,
      ...(listener ? { headers: { 'x-client-request-id': listener.requestId } } : {}),
      instructions: system,
      prompt,
      output: wholeAnswer(schema),
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, silence.signal, over.signal]),
      // Errors arrive as parts of the stream; without this the SDK also prints them.
      onError: () => {},
    });
    let finish: Finish | null = null;
    for await (const part of stream) {
      silence.heard(part.type);
      if (part.type === 'error') throw part.error;
      if (part.type === 'finish') {
        finish = { reason: part.finishReason, rawReason: part.rawFinishReason, usage: part.totalUsage };
      }
      if (part.type !== 'text-delta') continue;
      text.add(part.text);
      if (text.length > longestAnswer) throw runaway(provider, longestAnswer);
    }
    // The SDK ends its stream quietly on abort: without this a cut answer would pass for a whole one.
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    requireNaturalEnd(finish, provider);
    return {
      value: parseAnswer(text.toString(), { schema, provider }),
      usage: toUsage(finish.usage),
      provider,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw silence.failure(provider) ?? classify(error, { provider, secrets, midway: text.length > 0 });
  } finally {
    silence.stop();
    over.abort();
  }
}

/**
 * The SDK's own way parses all that has arrived at every token, to offer partial objects that nobody here reads: for
 * an answer of 300 words that took ten times the processor time (2.5 s against 0.2 s).
 */
function wholeAnswer<T>(schema: z.ZodType<T>) {
  return {
    ...Output.object({ schema }),
    parsePartialOutput: async ({ text }: { text: string }) => ({ partial: text.length }),
    parseCompleteOutput: async ({ text }: { text: string }) => text,
  };
}

const runaway = (provider: string, longest: number): StepFailure =>
  new StepFailure('malformed-answer', `${provider} went on past ${longest} characters and was cut off.`, {
    provider,
  });

interface Ending {
  code: FailureCode;
  what: string;
}

/** How an answer must not end. */
const endings: Readonly<Record<Exclude<FinishReason, 'stop'>, Ending>> = {
  length: { code: 'answer-too-long', what: 'reached its length limit before the answer was complete' },
  'content-filter': { code: 'answer-withheld', what: 'declined to answer, or its content filter did' },
  'tool-calls': { code: 'malformed-answer', what: 'called a tool, although there are none' },
  error: { code: 'answer-cut-off', what: 'broke off with an error' },
  interrupted: { code: 'answer-cut-off', what: 'was interrupted before the answer was complete' },
  other: { code: 'answer-cut-off', what: 'stopped without saying that the answer is complete' },
};

function requireNaturalEnd(finish: Finish | null, provider: string): asserts finish is Finish {
  if (finish?.reason === 'stop') return;
  const { code, what } = endings[finish?.reason ?? 'other'];
  const raw = finish?.rawReason ? ` (finish reason "${finish.rawReason.slice(0, 40)}")` : '';
  throw new StepFailure(code, `${provider} ${what}${raw}.`, { provider });
}

/** Small models wrap JSON in Markdown whatever they are told. */
const fence = /^\s*```\w*\s*|\s*```\s*$/g;

/** @throws {StepFailure} that does not quote the answer, which is a stranger's text. */
function parseAnswer<T>(text: string, { schema, provider }: { schema: z.ZodType<T>; provider: string }): T {
  const malformed = (what: string) =>
    new StepFailure('malformed-answer', `${provider} ${what}.`, { provider });
  if (text.trim() === '') throw malformed('gave an empty answer');
  let json: unknown;
  try {
    json = JSON.parse(text.replace(fence, ''));
  } catch {
    throw malformed('answered with text that is not valid JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 3).map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw malformed(`answered in another form than was asked for: ${where.join('; ')}`);
}

function toUsage({ inputTokens, outputTokens }: LanguageModelUsage): Spent | null {
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd: null };
}

/** What the model has said so far. */
class Transcript {
  #text = '';
  #bytes = 0;
  readonly #inputTokens: number;

  constructor(
    private readonly question: Pick<Question<unknown>, 'system' | 'prompt' | 'onText' | 'onPartial'>,
  ) {
    const { system, prompt } = question;
    this.#inputTokens = estimatedTokens(Buffer.byteLength(system) + Buffer.byteLength(prompt));
    this.#report();
  }

  get length(): number {
    return this.#text.length;
  }

  add(delta: string): void {
    this.#text += delta;
    this.#bytes += Buffer.byteLength(delta);
    this.question.onText?.(delta);
    this.#report();
  }

  toString(): string {
    return this.#text;
  }

  #report(): void {
    const usage = {
      inputTokens: this.#inputTokens,
      outputTokens: estimatedTokens(this.#bytes),
      costUsd: null,
      estimated: true,
    };
    this.question.onPartial?.({ text: this.#text, usage });
  }
}
