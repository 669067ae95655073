import { patched } from '@temporalio/workflow';
import type { InputOf } from '../job-types/contract/job-type.js';
import type { RunWorkbookPlanConfirm, RunWorkbookPlanResult } from '../job-types/run-workbook-plan.js';
import { days } from './frame/durations.js';
import type { JobArgs } from './frame/messages.js';
import { enterQueue, waitForPlace } from './frame/place.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/run-workbook-plan.js').runWorkbookPlan;

/** A run that began before has no place until its plan is there. */
const placeFirst = 'place-first';

export const runWorkbookPlan = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step, ask }) => {
    const { confirm, conversation, ...wish } = input;
    const place = { owner, lane: conversation ?? null };
    // If it took its place after the plan, a later one of its conversation with less to think about would run first.
    const holds = !confirm && patched(placeFirst) && (await enterQueue(place));
    const proposed = await step('propose', ({ proposePlan }) => proposePlan({ owner, ...wish }), {
      policy: policies.model,
      summary: `Propose a plan for ${input.message ?? 'the steps given'}`.slice(0, 200),
      counts: ({ plan }) => `${plan.length} steps`,
    });
    const { provider } = proposed;
    // A plan may lie over a holiday.
    const answer: RunWorkbookPlanConfirm = confirm
      ? await ask('confirm', { data: shownOf(proposed), within: days(14) })
      : { confirmed: true };
    if (!answer.confirmed) return { decision: 'declined', steps: [], file: null, provider };
    if (!holds) await waitForPlace(place);
    const plan = answer.plan ?? proposed.plan;
    const others = answer.others ?? input.others ?? [];
    const steps: RunWorkbookPlanResult['steps'] = [];
    let file = answer.file ?? proposed.file;
    for (const [index, { operation, arguments: given }] of plan.entries()) {
      const [number, of] = [index + 1, plan.length];
      const asked = { operation, arguments: given, number, of, file, others };
      const { isNext, ...made } = await step('run', ({ runPlanStep }) => runPlanStep(asked), {
        policy: policies.operation,
        summary: `Step ${number} of ${of}: ${operation}`,
        item: { key: String(number), of },
      });
      steps.push(made);
      if (isNext) file = made.file;
    }
    return { decision: 'run', steps, file: steps.at(-1)?.file ?? null, provider };
  });

/** What a person decides on. */
const shownOf = <Proposed extends object>({
  usage: _usage,
  ...shown
}: Proposed & { usage?: unknown }): Omit<Proposed, 'usage'> => shown;
