import { ApplicationFailure, condition, patched, setHandler, upsertMemo } from '@temporalio/workflow';
import type { AnswersOf, JobType } from '../../job-types/contract/job-type.js';
import type { JobSnapshot, OpenWait } from '../../job-types/contract/outcome.js';
import { showDetails } from './current-details.js';
import { ownFailure } from './failure.js';
import { markStatus } from './job-status.js';
import { logEvent } from './log-event.js';
import { type JobAnswer, answerUpdate } from './messages.js';

export interface Wait {
  /** What there is to decide on. */
  data: unknown;
  /** Seconds. */
  within: number;
}

/** @throws {ApplicationFailure} input-timed-out; what there was to decide on stays in the job's output. */
export type Ask<Type extends JobType> = <Name extends keyof AnswersOf<Type>>(
  name: Name,
  wait: Wait,
) => Promise<AnswersOf<Type>[Name]>;

/**
 * A run that began to wait before the log was told of it has no such command in its history. It has one wait in its
 * memo.
 */
const tellsOfWaits = 'tells-of-waits';

/** As `Ask` does, of whatever name. Null when nobody has answered in time. */
export type AskAnyone = (name: string, wait: Wait) => Promise<{ value: unknown } | null>;

/**
 * Lets a job ask people, several things at once if it likes. The API has checked an answer against its schema; here only
 * whether it is awaited.
 * @param timesAsked by name, in the runs before this one too; it is counted on here
 */
export function createAskAnyone(snapshot: JobSnapshot, timesAsked: Record<string, number>): AskAnyone {
  const given = takeAnswers(snapshot);

  /** `review`, and `review~2` when it is asked again: the same at every replay. */
  const nextId = (name: string): string => {
    const times = (timesAsked[name] ?? 0) + 1;
    timesAsked[name] = times;
    return times === 1 ? name : `${name}~${times}`;
  };

  return async (name, { data, within }) => {
    const id = nextId(name);
    const expiresAt = new Date(Date.now() + within * 1000).toISOString();
    snapshot.waitingFor = [...snapshot.waitingFor, { id, name, expiresAt, data }];
    const tells = patched(tellsOfWaits);
    if (snapshot.waitingFor.length === 1) markStatus('waiting');
    showDetails(snapshot, 'waiting');
    upsertMemo({ waitingFor: tells ? inMemo(snapshot) : { name, expiresAt } });
    if (tells) await logEvent(`waiting/${id}`, { type: 'job.waiting', data: { id, name, expiresAt } });
    try {
      await condition(() => given.has(id), within * 1000);
    } finally {
      close(snapshot, id);
      showDetails(snapshot, 'running');
    }
    const answer = given.get(id);
    if (answer || tells) showOpen(snapshot);
    if (!answer) return null;
    const by = answer.by ?? null;
    if (tells) await logEvent(`answered/${id}`, { type: 'job.running', data: { answered: name, id, by } });
    return { value: answer.value };
  };
}

export const createAsk =
  <Type extends JobType>(snapshot: JobSnapshot, askAnyone: AskAnyone): Ask<Type> =>
  async <Name extends keyof AnswersOf<Type>>(name: Name, wait: Wait) => {
    const answer = await askAnyone(name, wait);
    if (!answer) throw nobodyAnswered(snapshot, { name, data: wait.data });
    return answer.value as AnswersOf<Type>[Name];
  };

/** Closes a wait as soon as its answer is there, so that a second answer is refused. @returns the answers, by wait */
function takeAnswers(snapshot: JobSnapshot): ReadonlyMap<string, JobAnswer> {
  const given = new Map<string, JobAnswer>();
  const awaited = ({ id, name }: JobAnswer): OpenWait | undefined =>
    snapshot.waitingFor.find((wait) => wait.name === name && (id === undefined || wait.id === id));

  setHandler(
    answerUpdate,
    (answer) => {
      const wait = awaited(answer);
      if (!wait) throw notAwaited(answer);
      given.set(wait.id, answer);
      close(snapshot, wait.id);
      const { id, name } = wait;
      snapshot.answers.push({ id, name, answeredAt: now(), answeredBy: answer.by ?? null });
    },
    {
      validator: (answer: JobAnswer) => {
        if (!awaited(answer)) throw notAwaited(answer);
      },
    },
  );
  return given;
}

function close(snapshot: JobSnapshot, id: string): void {
  snapshot.waitingFor = snapshot.waitingFor.filter((wait) => wait.id !== id);
}

/** What must be readable without a worker: which waits are still open, or that the job goes on. */
function showOpen(snapshot: JobSnapshot): void {
  if (snapshot.waitingFor.length === 0) markStatus(null);
  else upsertMemo({ waitingFor: inMemo(snapshot) });
}

/** Without the data, which may be large. */
const inMemo = ({ waitingFor }: JobSnapshot) =>
  waitingFor.map(({ id, name, expiresAt }) => ({ id, name, expiresAt }));

const notAwaited = ({ id, name }: JobAnswer): ApplicationFailure =>
  ApplicationFailure.create({ message: `the job does not wait for "${id ?? name}"`, type: 'not-waiting' });

function nobodyAnswered(
  snapshot: JobSnapshot,
  { name, data }: { name: string; data: unknown },
): ApplicationFailure {
  snapshot.output = { text: JSON.stringify(data), step: name, attempt: 1 };
  const detail = `Nobody answered "${name}" in time. It is not asked again.`;
  const failure = ownFailure('input-timed-out', { detail });
  return ApplicationFailure.create({ message: failure.detail, type: failure.code, details: [failure] });
}

const now = (): string => new Date().toISOString();
