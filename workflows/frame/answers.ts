import { ApplicationFailure, condition, setHandler, upsertMemo } from '@temporalio/workflow';
import { ownFailure } from './failure.js';
import { markStatus } from './job-status.js';
import { type JobAnswer, answerUpdate } from './messages.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';

export interface Wait {
  /** What there is to decide on. */
  data: unknown;
  /** Seconds. */
  expiresIn: number;
}

/** Lets a job wait for a person. The API has checked the value against the schema; here only whether it is awaited. */
export function createInput(snapshot: JobSnapshot) {
  let answer: JobAnswer | null = null;

  setHandler(
    answerUpdate,
    (given) => {
      answer = given;
    },
    {
      validator: ({ name }) => {
        if (snapshot.waitingFor?.name === name && answer === null) return;
        throw ApplicationFailure.create({
          message: `the job does not wait for "${name}"`,
          type: 'not-waiting',
        });
      },
    },
  );

  /** @throws {ApplicationFailure} input-timed-out; what there was to decide on stays in the job's output. */
  return async function waitForInput<T>(name: string, { data, expiresIn }: Wait): Promise<T> {
    const expiresAt = new Date(Date.now() + expiresIn * 1000).toISOString();
    snapshot.waitingFor = { name, expiresAt, data };
    answer = null;
    markStatus('waiting');
    upsertMemo({ waitingFor: { name, expiresAt } });
    try {
      await condition(() => answer !== null, expiresIn * 1000);
    } finally {
      snapshot.waitingFor = null;
    }
    const given = answer as JobAnswer | null;
    if (given === null) {
      snapshot.output = { text: JSON.stringify(data), step: name, attempt: 1 };
      const detail = `Nobody answered "${name}" in time. It is not asked again.`;
      const failure = ownFailure('input-timed-out', { detail });
      throw ApplicationFailure.create({ message: failure.detail, type: failure.code, details: [failure] });
    }
    markStatus(null);
    return given.value as T;
  };
}
