import { type FinishReason, type LanguageModelUsage, Output, streamText } from 'ai';
import { StepFailure } from '../frame/step-failure.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { type AnswerForm, NotInForm } from './answer-form.js';
import { EarlyEnd } from './early-end.js';
import { heardModel } from './heard-model.js';
import type { OpenedModel } from './language-models.js';
import type { Answer, Question } from './model.js';
import { classify } from './provider-errors.js';
import { type Patience, createSilenceLimit } from './silence-limit.js';
import { Transcript, toUsage } from './transcript.js';
import { wishfulModel } from './wishes.js';

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

/** Asks once, reading the stream to its natural end, or to where all that was asked for has been said. */
export async function askThroughSdk<T>(
  model: OpenedModel,
  question: Question<T>,
  { patience = usualPatience, secrets }: SdkOptions,
): Promise<Answer<T>> {
  const { signal, maxOutputTokens, listener, model: provider } = question;
  signal.throwIfAborted();
  const silence = createSilenceLimit(patience);
  // Aborted at the end, whatever happened, so that no socket stays open behind a failure.
  const over = new AbortController();
  const text = new Transcript(question);
  const early = new EarlyEnd(question);
  const wishful = wishfulModel(model, { ours: maxOutputTokens === undefined });
  try {
    const { stream } = streamText({
      model: listener ? heardModel(wishful, listener) : wishful,
      ...(listener ? { headers: { 'x-client-request-id': listener.requestId } } : {}),
      ...requestOf(question),
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, silence.signal, early.signal, over.signal]),
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
      if (part.type === 'reasoning-delta' && early.heardThinking(part.text)) break;
      if (part.type !== 'text-delta') continue;
      text.add(part.text);
      if (early.heard(part.text)) break;
    }
    // The SDK ends its stream quietly on abort: without this a cut answer would pass for a whole one.
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    const said = text.toString();
    const usage = finish ? toUsage(finish.usage) : text.spent();
    const kept = early.kept(finish?.reason === 'length' && question.form.schema !== null);
    if (kept) return { ...kept, text: said, usage, provider };
    requireNaturalEnd(finish, question);
    const value = readAnswer(said, { finish, question });
    return { value, text: said, finishReason: finish.reason, usage, provider, notes: [] };
  } catch (error) {
    signal.throwIfAborted();
    throw silence.failure(provider) ?? classify(error, { provider, secrets, midway: text.length > 0 });
  } finally {
    silence.stop();
    early.stop();
    over.abort();
  }
}

function requestOf({ system, prompt, form, maxOutputTokens, mostTokens, temperature }: Question<unknown>) {
  return {
    prompt: typeof prompt === 'string' ? prompt : [...prompt],
    output: wholeAnswer(form),
    // Both packages for the protocol of OpenAI read it under this name; others pass it over.
    providerOptions: { openai: { strictJsonSchema: form.strict } },
    ...(system === undefined ? {} : { instructions: system }),
    maxOutputTokens: maxOutputTokens ?? mostTokens,
    ...(temperature === undefined ? {} : { temperature }),
  };
}

/**
 * The SDK's own way parses all that has arrived at every token, to offer partial objects that nobody here reads. For an
 * answer of 300 words that took ten times the processor time (2.5 s against 0.2 s).
 */
const wholeAnswer = ({ schema }: AnswerForm<unknown>) => ({
  ...(schema === null ? Output.text() : Output.object({ schema })),
  parsePartialOutput: async ({ text }: { text: string }) => ({ partial: text.length }),
  parseCompleteOutput: async ({ text }: { text: string }) => text,
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

type NaturalEnd = Finish & { reason: 'stop' | 'length' };

/** @throws {StepFailure} for an ending that leaves no answer: what was cut at its length is one only as plain text. */
function requireNaturalEnd(
  finish: Finish | null,
  { model: provider, form }: Question<unknown>,
): asserts finish is NaturalEnd {
  const reason = finish?.reason ?? 'other';
  if (reason === 'stop' || (reason === 'length' && form.schema === null)) return;
  const { code, what } = endings[reason];
  const raw = finish?.rawReason ? ` (finish reason "${finish.rawReason.slice(0, 40)}")` : '';
  throw new StepFailure(code, `${provider} ${what}${raw}.`, { provider });
}

/** @throws {StepFailure} that does not quote the answer, which is a stranger's text. */
function readAnswer<T>(
  text: string,
  { finish, question: { form, model: provider } }: { finish: NaturalEnd; question: Question<T> },
): T {
  const fail = (code: FailureCode, what: string) =>
    new StepFailure(code, `${provider} ${what}.`, { provider });
  if (text.trim() === '') {
    // Those that think before they speak can use up all their tokens on it.
    if (finish.reason === 'length')
      throw fail('answer-too-long', 'reached its length limit before it said anything');
    throw fail('malformed-answer', 'gave an empty answer');
  }
  try {
    return form.read(text);
  } catch (error) {
    if (error instanceof NotInForm) throw fail('malformed-answer', error.message);
    throw error;
  }
}
