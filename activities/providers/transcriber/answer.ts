import { isRecord } from '../../../job-types/contract/is-record.js';
import { StepFailure } from '../../frame/step-failure.js';
import type { Tokens } from '../../frame/tokens.js';
import { type ToldFault, readFault } from '../wire/told-fault.js';

export interface Said {
  /** Empty for silence. */
  text: string;
  /** Null where the server does not count any. */
  tokens: Tokens | null;
}

/**
 * @param faulty makes the failure of a fault that came with the status of a success
 * @throws {StepFailure} malformed-answer, or what `faulty` makes
 */
export function readTranscript(body: string, faulty: (fault: ToldFault) => StepFailure): Said {
  const answer = parsed(body);
  if (isRecord(answer) && typeof answer['text'] === 'string') {
    return { text: answer['text'], tokens: tokensOf(answer['usage']) };
  }
  const fault = isRecord(answer) && 'error' in answer ? readFault(answer) : null;
  if (fault) throw faulty(fault);
  throw new StepFailure('malformed-answer', 'The transcriber answered with something that is no transcript.');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A page of a proxy, or half an answer: in either case no transcript.
    return null;
  }
}

function tokensOf(usage: unknown): Tokens | null {
  if (!isRecord(usage)) return null;
  const { input_tokens: input, output_tokens: output } = usage;
  if (!isCount(input) || !isCount(output)) return null;
  return {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31;
