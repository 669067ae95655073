import { z } from 'zod';
import type { CreateStoryResult } from '../../../job-types/create-story.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { PlannedSegment } from '../../../job-types/fields/story-plan.js';
import { whyFailed } from '../own-job.js';

export const StoryProgress = z
  .object({
    status: z.enum(['starting', 'running', 'completed', 'error']),
    message: z.string().meta({ description: 'Never empty' }),
    progress: z.number().meta({ description: '0 to 100; never falls while the story is written' }),
    current: z.int().optional().meta({ description: 'Which segment is written; 0 before there is a plan' }),
    total: z.int().optional().meta({ description: 'How many are planned; 0 before there is a plan' }),
    details: z
      .object({
        segment_type: z.enum(['introduction', 'quest', 'conclusion']),
        sub_type: z
          .enum(['quest_introduction', 'quest_dialogue', 'quest_execution', 'quest_conclusion'])
          .nullable(),
        quest_name: z.string(),
      })
      .optional()
      .meta({ description: 'What that segment is' }),
  })
  .meta({ id: 'MythlineStoryProgress' });
export type StoryProgress = z.infer<typeof StoryProgress>;

/**
 * That system's page stops at completed and at error, and knows no other end.
 * @param plan of the story that the job writes, as far as there is one
 */
export function toStoryProgress(job: Job, plan: readonly PlannedSegment[]): StoryProgress {
  if (!job.done) return underWay(job, plan);
  if (job.status !== 'succeeded') return { status: 'error', message: whyFailed(job), progress: 0 };
  return { status: 'completed', message: ended(job.result as CreateStoryResult), progress: 100 };
}

function underWay(job: Job, plan: readonly PlannedSegment[]): StoryProgress {
  const { percent, message } = job.progress;
  // What an owner may spend comes back by itself, and the message says so.
  const waits = job.waitingFor.flatMap(({ name }) => (name === 'ownerBudget' ? [] : [name])).join(', ');
  // A job that waits for its turn has begun nothing yet.
  const begun = job.waitingFor.length > 0 || job.steps.some(({ status }) => status !== 'pending');
  const total = plan.length;
  const current = Math.min(segmentsOver(job) + 1, total);
  const segment = plan[current - 1];
  const details = segment && {
    segment_type: segment.kind,
    sub_type: segment.kind === 'quest' ? subTypeOf(segment) : null,
    quest_name: segment.questName,
  };
  return {
    status: begun ? 'running' : 'starting',
    message: waits ? `Waits for a person to answer: ${waits}.` : message,
    progress: percent,
    current,
    total,
    ...(details && { details }),
  };
}

/** Those that were appended, and those that failed for good. */
function segmentsOver({ steps }: Job): number {
  const step = (named: string) => steps.find(({ name }) => name === named);
  return (step('append')?.done ?? 0) + (step('write')?.failed ?? 0);
}

/** What that system calls a part of a quest. */
function subTypeOf({ phase, section }: PlannedSegment): NonNullable<StoryProgress['details']>['sub_type'] {
  if (section === 'intro') return 'quest_introduction';
  if (section === 'dialogue') return 'quest_dialogue';
  return phase === 'complete' ? 'quest_conclusion' : 'quest_execution';
}

/** What is missing is named: nothing else on that page says that the story is not whole. */
function ended({ status, segments, planned, missing }: CreateStoryResult): string {
  if (status === 'complete') return 'Story creation complete';
  const named = missing.map(({ segment, what, why }) => `segment ${segment} (${what}): ${why}`);
  return `The story has ${segments} of ${planned} segments. Missing: ${named.join(' ')}`;
}
