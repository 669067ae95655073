import type { FinishReason, LanguageModelUsage } from 'ai';
import { StepFailure } from '../frame/step-failure.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { NotInForm } from './answer-form.js';
import { endings } from './endings.js';
import type { Answer, Question } from './model.js';
import { isSameModel } from './model-aliases.js';
import { classify, failureOf } from './provider-errors.js';
import { toUsage } from './transcript.js';
import type { Hearing } from './wire/dialect.js';

/** All that is known of a call whose stream is over. */
export interface Ended {
  finish: {
    reason: FinishReason;
    /** The provider's own word for it. */
    rawReason: string | undefined;
    usage: LanguageModelUsage;
  } | null;
  hearing: Readonly<Hearing>;
  /** What broke the connection before the provider had said that the answer is complete; null when nothing did. */
  broken: unknown;
  /** Without what was only thought. */
  text: string;
  /** The model has thought aloud. */
  thought: boolean;
  /** Texts that must never appear in a failure. */
  secrets: readonly string[];
}

/**
 * What a model said in full is an answer, however its end was marked. That is JSON that has the form asked for, or a text
 * behind which the provider has ended its stream.
 * @throws {StepFailure} that does not quote the answer, which is a stranger's text
 */
export function answerOf<T>(question: Question<T>, ended: Ended): Answer<T> {
  const { form, model: provider } = question;
  const { finish, hearing, text } = ended;
  const reason = hearing.fault || ended.broken !== null ? 'error' : (finish?.reason ?? 'other');
  const marked = reason === 'stop' || (reason === 'length' && form.schema === null);
  const answer = (value: T, notes: string[]): Answer<T> => ({
    value,
    text,
    finishReason: reason === 'length' ? 'length' : 'stop',
    usage: finish ? toUsage(finish.usage) : null,
    provider,
    notes: [...notes, ...notesOn(question, hearing)],
  });
  if (marked) return answer(readMarked(question, ended), reason === 'length' ? [cutAt(question)] : []);
  const unmarked = `${provider} did not say that its answer is complete; all of it was there.`;
  if (form.schema !== null && mayBeWhole.has(reason)) {
    const value = readQuietly(question, text);
    if (value !== null) return answer(value.read, [unmarked]);
  }
  const ownEnd = hearing.finish === null && (hearing.done || hearing.costTold);
  if (form.schema === null && reason === 'other' && ownEnd && text.trim() !== '') {
    return answer(form.read(text), [unmarked]);
  }
  throw failureOfEnding(question, { ...ended, reason });
}

const cutAt = ({ maxOutputTokens: most }: Question<unknown>): string =>
  `The answer was cut off at ${most === undefined ? 'its length limit' : `${most} tokens`}.`;

/** What JSON that is complete may be followed by. */
const mayBeWhole: ReadonlySet<FinishReason> = new Set(['other', 'error', 'interrupted', 'tool-calls']);

function readQuietly<T>({ form }: Question<T>, text: string): { read: T } | null {
  try {
    return text.trim() === '' ? null : { read: form.read(text) };
  } catch (error) {
    if (error instanceof NotInForm) return null;
    throw error;
  }
}

function failureOfEnding(
  question: Question<unknown>,
  { reason, finish, hearing, broken, text, secrets }: Ended & { reason: FinishReason },
): unknown {
  const { model: provider } = question;
  const facts = { provider, secrets, midway: text.length > 0 };
  if (hearing.fault) return failureOf(hearing.fault, facts);
  if (broken !== null) return classify(broken, facts);
  if (hearing.page && !hearing.said) {
    const detail = `${provider} sent no answer of a model but a page; the address of the provider may be wrong.`;
    return new StepFailure('provider-address-wrong', detail, { provider });
  }
  if (hearing.unread > 0 && !hearing.said) {
    const detail = `${provider} sent a stream that is not in the form providers use.`;
    return new StepFailure('malformed-answer', detail, { provider });
  }
  if (reason === 'length' && isContextFull(question, finish)) return contextFull(question, finish);
  const { code, what } = endings[reason === 'stop' ? 'other' : reason];
  const said = hearing.finishSaid ?? finish?.rawReason;
  const raw = said && said !== 'unmarked' ? ` (finish reason "${said.slice(0, 40)}")` : '';
  return new StepFailure(code, `${provider} ${what}${raw}.`, { provider });
}

type Finish = Ended['finish'];

/** The answer ended before it was as long as it may be: what was left was no room in the context. */
const isContextFull = ({ maxOutputTokens: most }: Question<unknown>, finish: Finish): boolean => {
  const output = finish?.usage.outputTokens;
  return most !== undefined && output !== undefined && output < most;
};

function contextFull({ model: provider }: Question<unknown>, finish: Finish): StepFailure {
  const { inputTokens = 0, outputTokens = 0 } = finish?.usage ?? {};
  const detail = `${provider} filled its context with ${inputTokens} tokens of the question and ${outputTokens} of its answer.`;
  return new StepFailure('context-too-long', detail, { provider });
}

/** @throws {StepFailure} */
function readMarked<T>(question: Question<T>, { finish, hearing, text, thought: aloud }: Ended): T {
  const { form, model: provider } = question;
  const fail = (code: FailureCode, what: string) =>
    new StepFailure(code, `${provider} ${what}.`, { provider });
  if (text.trim() === '') {
    const thought = hearing.reasoned || aloud;
    // Those that think before they speak can use up all their tokens on it.
    if (finish?.reason === 'length' && isContextFull(question, finish)) throw contextFull(question, finish);
    if (finish?.reason === 'length')
      throw fail('answer-too-long', 'reached its length limit before it said anything');
    throw fail('malformed-answer', `gave an empty answer; ${thought ? onlyThought : saidNothing}`);
  }
  try {
    return form.read(text);
  } catch (error) {
    if (error instanceof NotInForm) throw fail('malformed-answer', error.message);
    throw error;
  }
}

const onlyThought =
  'it only thought, so that it needs more room for its answer, or has to be told not to think';
const saidNothing =
  'its server may have cut the prompt to a context that is too small, or not know the chat template of the model';

/** What the connection has told that the person should know. */
export function notesOn({ model }: Question<unknown>, { unread, answeredBy }: Readonly<Hearing>): string[] {
  const name = model.slice(model.indexOf('/') + 1);
  return [
    ...(unread > 0 ? [`${unread} parts of the stream of ${model} could not be read and were left out.`] : []),
    ...(answeredBy && !isSameModel(name, answeredBy)
      ? [`${model} was asked; its server says that "${answeredBy.slice(0, 100)}" answered.`]
      : []),
  ];
}
