import type { Failure } from './failure.js';
import type { FailureRow } from './failures.js';

/** What belongs to one failure alone; the rest stands in its row. */
export type Occurrence = Omit<Failure, 'type' | 'title' | 'status' | 'code' | 'retryable'> & {
  /** Differs from the row's when the same fault will not be tried again this time. */
  retryable?: boolean;
};

/** What a job's failure says about the next try. The frame takes the promise back when the time is used up. */
export const again = { yes: 'It is tried again.', no: 'It is not tried again.' } as const;

/**
 * The one place that makes a failure, for workflows, activities and the API alike.
 * @param occurrence.detail one or more sentences on what happened, to which the advice of the row is added
 */
export function makeFailure(
  code: string,
  row: FailureRow,
  { detail, retryable = row.retryable, ...rest }: Occurrence,
): Failure {
  const { title, status, advice } = row;
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: `${detail} ${advice}`,
    code,
    retryable,
    ...rest,
  };
}
