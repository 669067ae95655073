import { ApplicationFailure, patched, upsertMemo } from '@temporalio/workflow';
import type {
  Allowance,
  Exceeded,
  OverBudget,
  OwnerAnswer,
  PresentBudget,
} from '../../job-types/contract/budget.js';
import type { AskAnyone } from './answers.js';
import { tellBudget } from './budget-header.js';
import { days } from './durations.js';
import { ownFailure } from './failure.js';

/**
 * What is done about a call that a budget did not let through, or cut. Its step runs again, takes what it has, or fails: as
 * the job wants it, or because nobody has answered.
 */
export type Verdict = 'again' | 'end' | 'fail' | 'unanswered';

export interface BudgetKeeper {
  judge(exceeded: Exceeded): Promise<Verdict>;
  /** As it stands; undefined where nothing limits the job but what its owner may spend. */
  present(): PresentBudget | undefined;
}

/** How long a person has to answer: a week off is no reason to lose what there is. */
const within = days(14);

/** A run from before asked again where nobody had answered. */
const asksOnce = 'asks-once';

/** Asks a person when a budget is used up, once for all the steps that come up against it at the same time. */
export function createBudgetKeeper(given: PresentBudget | undefined, ask: AskAnyone): BudgetKeeper {
  let budget = given;
  const open = new Map<string, Promise<Verdict>>();

  const change = (next: PresentBudget): void => {
    budget = next;
    tellBudget(next);
    // For whoever reads the job while no worker is there.
    upsertMemo({ budget: next });
  };

  const end = (): Verdict => {
    change({ onExceed: 'wait', ...budget, ended: true });
    return 'end';
  };

  const askForMore = async (exceeded: Exceeded): Promise<Verdict> => {
    const answer = await ask('budget', { data: exceeded, within });
    if (!answer) {
      budget = { onExceed: 'wait', ...budget, unanswered: true };
      return 'unanswered';
    }
    const said = answer.value as Allowance;
    if ('end' in said) return end();
    change(withMore(budget, said.allow));
    return 'again';
  };

  /** Goes on by itself when the day or the month is over. */
  const waitForOwner = async ({ renewsAt, ...exceeded }: Exceeded): Promise<Verdict> => {
    const seconds = (Date.parse(renewsAt ?? '') - Date.now()) / 1000;
    const answer = await ask('ownerBudget', {
      data: { ...exceeded, renewsAt },
      within: Math.max(seconds, 1),
    });
    return answer && 'end' in (answer.value as OwnerAnswer) ? end() : 'again';
  };

  return {
    present: () => budget,
    async judge(exceeded) {
      if (budget?.ended) return 'end';
      if (budget?.unanswered && exceeded.renewsAt === null && patched(asksOnce)) return 'unanswered';
      if (wasRaised(budget, exceeded)) return 'again';
      if (budget?.onExceed === 'fail') return 'fail';
      const which = exceeded.renewsAt === null ? 'own' : exceeded.limit;
      let verdict = open.get(which);
      if (!verdict) {
        verdict = (exceeded.renewsAt === null ? askForMore : waitForOwner)(exceeded);
        open.set(which, verdict);
      }
      try {
        return await verdict;
      } finally {
        if (open.get(which) === verdict) open.delete(which);
      }
    },
  };
}

/** Since the call was made, for another step. */
function wasRaised(budget: PresentBudget | undefined, { limit, cap }: Exceeded): boolean {
  return (limit === 'maxCostUsd' || limit === 'maxTokens') && (budget?.[limit] ?? 0) > cap;
}

function withMore(
  budget: PresentBudget | undefined,
  { costUsd = 0, tokens = 0 }: { costUsd?: number | undefined; tokens?: number | undefined },
): PresentBudget {
  const { maxCostUsd, maxTokens, ...rest } = budget ?? { onExceed: 'wait' };
  return {
    ...rest,
    ...(maxCostUsd === undefined ? {} : { maxCostUsd: maxCostUsd + costUsd }),
    ...(maxTokens === undefined ? {} : { maxTokens: maxTokens + tokens }),
  };
}

const type = 'over-budget';

/**
 * What a step fails with that gets no more.
 * @param of.verdict after "end", the other items of the step may still be worth something
 */
export function overBudgetFailure(
  { overBudget: exceeded }: OverBudget,
  { verdict, ...of }: { verdict: Verdict; step: string; item: string | null },
): ApplicationFailure {
  const { step, item } = of;
  const code = exceeded.renewsAt === null ? 'budget-exceeded' : 'owner-budget-exceeded';
  const failure = ownFailure(code, {
    detail: told(exceeded, verdict),
    step,
    ...(item === null ? {} : { item }),
  });
  return ApplicationFailure.create({
    message: failure.detail,
    type,
    details: [failure, { ended: verdict === 'end' }],
  });
}

/** A person has ended the spending: what else the job has done stays. */
export const wasEndedAtBudget = (error: unknown): boolean =>
  error instanceof ApplicationFailure &&
  error.type === type &&
  (error.details?.[1] as { ended: boolean } | undefined)?.ended === true;

export const failedAtBudget = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === type;

function told({ limit, cap, spent, wanted }: Exceeded, verdict: Verdict): string {
  const amount = (value: number): string =>
    limit === 'maxTokens' ? `${value} tokens` : `${Number(value.toPrecision(6))} US dollars`;
  const what = `${amount(spent)} of ${amount(cap)} (${limit}) are spent, and the call would take up to ${amount(wanted)}.`;
  return `${what}${why[verdict] ?? ''}`;
}

const why: Partial<Record<Verdict, string>> = {
  end: ' A person has ended it there.',
  unanswered: ' Nobody has allowed more in time.',
};
