import { streamText } from 'ai';
import type { Answer, Question } from './model.js';
import { EarlyEnd } from './early-end.js';
import type { Ended } from './ending.js';
import { type HeardEnd, heardModel } from './heard-model.js';
import type { OpenedModel } from './language-models.js';
import { classify } from './provider-errors.js';
import { type ResponseFormat, requestOf } from './request.js';
import { type Patience, createSilenceLimit } from './silence-limit.js';
import { Transcript } from './transcript.js';
import { type CallWire, createCallWire } from './wire/call-wire.js';
import { type Whole, readKept, readWhole, toKeep } from './whole-answer.js';
import { type Wish, wishfulModel } from './wishes.js';
import type { Listen } from './wire/dialect.js';

/**
 * Just below the 15 minutes that an attempt of a model's step gets. It is then the provider that was silent, and not the
 * step that ran out of time.
 */
const usualPatience: Patience = { firstMs: 870_000, nextMs: 60_000, wholeMs: 870_000 };

// The SDK's warnings (a setting a model ignores, a model it does not know) would go to the worker's standard error.
globalThis.AI_SDK_LOG_WARNINGS = false;

export interface Asking {
  /** The model that is asked over this connection. */
  open(fetch: typeof globalThis.fetch): OpenedModel;
  /** How the stream of its provider is read. */
  listen: Listen;
  /** In which form the server is asked for JSON. */
  format: ResponseFormat;
  /** The server may pass over a schema: the question says it in words, too. */
  mayPassOver: boolean;
  /** What the model's server is known to refuse. More is added. */
  refused: Set<Wish>;
  /** The model is known to end its reasoning without having begun it. */
  unopened: boolean;
  patience?: Patience | undefined;
  /** Texts that must never appear in a failure. */
  secrets: readonly string[];
  /** Told that the reasoning had an end and no beginning. */
  onLoneEnd(): void;
}

/**
 * Asks once, reading the stream to its natural end, or to where all that was asked for has been said. What was said in
 * full is an answer; anything else is a failure.
 */
export async function askThroughSdk<T>(question: Question<T>, asking: Asking): Promise<Answer<T>> {
  const { signal, maxOutputTokens, listener, model: provider, kept } = question;
  const { patience = usualPatience, secrets } = asking;
  signal.throwIfAborted();
  if (kept) return readKept(question, { kept, secrets });
  const silence = createSilenceLimit(patience);
  // Aborted at the end, whatever happened, so that no socket stays open behind a failure.
  const over = new AbortController();
  const text = new Transcript(question, asking);
  const early = new EarlyEnd(question);
  const wire = createCallWire({ listen: asking.listen, onLife: () => silence.alive() });
  const nameWhoAnswered = (): void => {
    const { answeredBy } = wire.hearing;
    if (answeredBy) listener?.answeredBy(answeredBy);
  };
  let keeping: Promise<void> | null = null;
  /** An answer that is kept here does not wait for its way through the SDK. */
  const onEnd = async ({ text: raw, finish }: HeardEnd): Promise<void> => {
    const { hearing } = wire;
    if (early.ended || wire.broken !== null || hearing.fault) return;
    // The provider has nothing more to say.
    silence.stop();
    early.stop();
    const all = new Transcript({ system: question.system, prompt: question.prompt }, asking);
    all.add(raw);
    all.end();
    nameWhoAnswered();
    const whole = { ...partOf(all), finish: finish as Ended['finish'], hearing, stopped: false };
    keeping = listener?.ended(toKeep(whole)) ?? null;
    await keeping;
  };
  try {
    const ours = maxOutputTokens === undefined;
    const model = wishfulModel(asking.open(wire.fetch), { ours, refused: asking.refused });
    const { stream } = streamText({
      model: listener ? heardModel(model, { listener, cutAfter: question.cutAfter, onEnd }) : model,
      ...(listener ? { headers: { 'x-client-request-id': listener.requestId } } : {}),
      ...requestOf(question, asking),
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, silence.signal, early.signal, over.signal]),
      // Errors arrive as parts of the stream; without this the SDK also prints them.
      onError: () => {},
    });
    let finish: Ended['finish'] = null;
    for await (const part of stream) {
      if (part.type === 'error' && !said(wire)) throw part.error;
      if (part.type === 'finish') {
        finish = { reason: part.finishReason, rawReason: part.rawFinishReason, usage: part.totalUsage };
      }
      if (part.type === 'reasoning-delta') {
        silence.began();
        text.think(part.text);
        if (early.heardThinking(part.text)) break;
      }
      if (part.type !== 'text-delta') continue;
      silence.began();
      text.add(part.text);
      if (early.heard(part.text)) break;
    }
    // The SDK ends its stream quietly on abort: without this a cut answer would pass for a whole one.
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    text.end();
    if (text.loneEnd) asking.onLoneEnd();
    const { hearing } = wire;
    nameWhoAnswered();
    const stopped = early.ended;
    // A connection that we have ended is not broken.
    const broken = stopped ? null : wire.broken;
    const whole = { ...partOf(text), finish, hearing, stopped };
    if (broken === null && !hearing.fault) await (keeping ?? listener?.ended(toKeep(whole)));
    return readWhole(question, { ...whole, early, broken, secrets });
  } catch (error) {
    signal.throwIfAborted();
    throw silence.failure(provider) ?? classify(error, { provider, secrets, midway: text.length > 0 });
  } finally {
    silence.stop();
    early.stop();
    wire.end();
    over.abort();
  }
}

const partOf = (said: Transcript): Pick<Whole, 'text' | 'thought' | 'spent'> => ({
  text: said.toString(),
  thought: said.thought,
  spent: said.spent(),
});

/** What the connection itself has told is told better than by the SDK. */
const said = ({ hearing, broken }: CallWire): boolean =>
  hearing.fault !== null || broken !== null || hearing.done;
