import type { Failure } from '../job-types/contract/failure.js';
import type { FailureCode } from '../job-types/contract/failures.js';
import { sentenceOf } from './sentence-of.js';
import { StepFailure } from './frame/step-failure.js';

/** Why no file is begun any more, as the workflow tells it. */
export type GivenUp = Pick<Failure, 'code' | 'detail'>;

/** Of a file that is left out because its provider has let several before it down. */
export function notBegun({ code, detail }: GivenUp): StepFailure {
  const why = `It was not begun: several files before it had failed, the last because ${sentenceOf(detail)}`;
  return new StepFailure(code as FailureCode, why, { final: true });
}
