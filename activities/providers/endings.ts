import type { FinishReason } from 'ai';
import type { FailureCode } from '../../job-types/contract/failures.js';

export interface Ending {
  code: FailureCode;
  what: string;
}

/** How an answer must not end. */
export const endings: Readonly<Record<Exclude<FinishReason, 'stop'>, Ending>> = {
  length: { code: 'answer-too-long', what: 'reached its length limit before the answer was complete' },
  'content-filter': { code: 'answer-withheld', what: 'declined to answer, or its content filter did' },
  'tool-calls': { code: 'malformed-answer', what: 'called a tool, although there are none' },
  error: { code: 'answer-cut-off', what: 'broke off with an error' },
  interrupted: { code: 'answer-cut-off', what: 'was interrupted before the answer was complete' },
  other: { code: 'answer-cut-off', what: 'stopped without saying that the answer is complete' },
};
