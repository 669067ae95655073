import { defaultPayloadConverter } from '@temporalio/common';
import {
  CancellationScope,
  TemporalFailure,
  type WorkflowInterceptors,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import { ownerHeader, runHeader } from '../../job-types/contract/run-header.js';
import { budgetHeaders, tellBudget } from './budget-header.js';
import type { JobArgs } from './messages.js';
import { framePolicies } from './policies.js';

type Headers = Record<string, ReturnType<typeof defaultPayloadConverter.toPayload>>;

/**
 * Tells the activities of a run that continues another which run they count for. Temporal names them the present one, and
 * events, receipts and cancels of a job go by the first. Activities are also told what the job may spend. The bundler finds
 * this function by its name.
 */
export const interceptors = (): WorkflowInterceptors => {
  let own: Headers = {};
  return {
    inbound: [
      {
        async execute(input, next) {
          const [args] = input.args as [JobArgs<unknown> | undefined];
          const continued = args?.continued;
          tellBudget(continued?.budget ?? args?.budget);
          if (args) own = { [ownerHeader]: defaultPayloadConverter.toPayload(args.owner) };
          if (!continued) return next(input);
          const runId = await counted(continued.runId);
          own = { ...own, [runHeader]: defaultPayloadConverter.toPayload(runId) };
          return next({ ...input, args: [{ ...args, continued: { ...continued, runId } }] });
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          next({ ...input, headers: { ...input.headers, ...own, ...budgetHeaders() } }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...own } }),
      },
    ],
  };
};

/** Temporal tells nobody in here whether an operator has made this run by a reset. */
const counted = (continues: string): Promise<string> =>
  CancellationScope.nonCancellable(async () => {
    const { whichRun } = proxyLocalActivities<FrameActivities>({
      ...framePolicies.atOnce,
      summary: 'Which run does this one count as?',
    });
    const { runId } = workflowInfo();
    try {
      const { present, counts } = await whichRun({ continues });
      // What the history has of another run was asked before this one was made of it.
      return present === runId ? counts : runId;
    } catch (error) {
      // What a local activity throws arrives bare. Resets are rare.
      if (!(error instanceof TemporalFailure)) throw error;
      return continues;
    }
  });
