import type { z } from 'zod';
import { operations } from '../../../job-types/fields/workbook/operations.js';
import { type Plan, PlanStep, mostSteps } from '../../../job-types/fields/workbook/plan.js';
import { type FoundIntent, intentOf } from './intent.js';
import { stepsFor } from './steps.js';

/** What rules know of a conversation when they make a plan. */
export interface Known {
  /** Of the newest file; null where there is none yet. */
  file: { name: string; columns: readonly string[] } | null;
  /** Other files of the conversation, newest first, whose columns may be bound. */
  others: readonly { name: string; columns: readonly string[] }[];
}

export interface Proposal {
  intent: FoundIntent;
  /** Empty where a file or a column is not known that the plan needs. */
  plan: Plan;
  /** Whether a file has to be uploaded first. */
  needsFile: boolean;
  /** What is missing, in one sentence; null where nothing is. */
  question: string | null;
}

/** Says "and then" between the steps. Each part is a thought of its own. */
const parts = /\s*(?:(?:,\s*)?\b(?:and then|then|after that|afterwards|finally)\b,?|;|\.\s+(?=[A-Z])|\n)\s*/;

/**
 * A plan for what a message asks, by rules alone. Columns are those of the file; what the message does not say is asked
 * for, and never made up.
 */
export function propose(message: string, known: Known): Proposal {
  // Spaces in a row mean no more than one, and the pattern looks at each again from each.
  const thoughts = message
    .replaceAll(/[^\S\n]+/g, ' ')
    .split(parts)
    .filter((part) => part.trim() !== '');
  if (thoughts.length > mostSteps) {
    const question = `Say it in at most ${mostSteps} steps.`;
    return { intent: { type: 'unknown', confidence: 0 }, plan: [], needsFile: false, question };
  }
  const intents = thoughts.map((thought) => intentOf(thought));
  const intent = intents.toSorted((a, b) => b.confidence - a.confidence)[0] ?? {
    type: 'unknown',
    confidence: 0,
  };
  const proposal = { intent, plan: [], needsFile: false };
  if (intent.type === 'unknown')
    return { ...proposal, question: 'Say what to do with the file, in other words.' };
  if (!known.file) {
    return { ...proposal, needsFile: true, question: 'Upload the workbook or CSV file that this is about.' };
  }
  const plan: Plan = [];
  let columns = known.file.columns;
  for (const [place, thought] of thoughts.entries()) {
    const { type } = intents[place]!;
    if (type === 'unknown') continue;
    const made = stepsFor(type, { message: thought, name: known.file.name, columns, others: known.others });
    if ('question' in made) return { ...proposal, question: made.question };
    for (const step of made.steps) {
      const checked = PlanStep.safeParse(step);
      if (!checked.success) return { ...proposal, question: beyond(step, checked.error) };
      plan.push({ ...checked.data, description: operations[step.operation].description });
    }
    columns = made.columns ?? columns;
  }
  return { ...proposal, plan, question: null };
}

/** Headers and messages may hold more than a step takes: a hundred columns to clean, or a name that is too long. */
function beyond({ operation }: PlanStep, { issues }: z.ZodError): string {
  const [issue] = issues;
  const where = issue?.path.filter((part) => part !== 'arguments').join('/') ?? '';
  return `The step ${operation} cannot be run like that: ${where} ${issue?.message}. Name fewer columns, or others.`;
}
