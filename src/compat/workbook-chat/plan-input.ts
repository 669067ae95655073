import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../job-types/contract/canonical-json.js';
import { missingColumns } from '../../../job-types/fields/workbook/check-columns.js';
import { type Plan, bindFilesOf } from '../../../job-types/fields/workbook/plan.js';
import type { ChatFile } from '../../../store/workbook-records.js';
import { toValidationProblem } from '../../problems/validation.js';
import type { Proposal } from './proposal.js';

/** What a plan is run on. */
export interface PlanInput {
  file: string;
  others: { name: string; file: string }[];
}

/** The newest upload that no step names as its other file. Null where there is none. */
export function inputFor(files: readonly ChatFile[], plan: Plan): PlanInput | null {
  const named = new Set(bindFilesOf(plan));
  const uploads = files.filter(({ uploaded }) => uploaded);
  const input = uploads.findLast(({ name }) => !named.has(name));
  if (!input) return null;
  const others = files.filter(({ name }) => name !== input.name);
  return {
    file: input.fileId,
    others: others.slice(-mostOthers).map(({ name, fileId }) => ({ name, file: fileId })),
  };
}

/** A job is given no more. */
const mostOthers = 100;

/** The same for plans that do the same, however they are described. */
export const markOf = (plan: Plan): string => {
  const said = plan.map(({ operation, arguments: given }) => ({ operation, arguments: given }));
  return createHash('sha256').update(canonicalJson(said)).digest('base64url');
};

export interface Checking {
  input: PlanInput;
  /** What was shown to the person; null where nothing was. */
  proposal: Proposal | null;
}

/** @throws {Problem} validation-failed, which points at a step */
export function checkPlan(plan: Plan, { input, proposal }: Checking): void {
  const known = new Set(input.others.map(({ name }) => name));
  const at = (step: number, argument: string, message: string) => ({
    code: 'custom',
    path: ['modified_workflow', step, 'arguments', argument],
    message,
  });
  const unknown = plan.flatMap(({ arguments: given }, step) => {
    const file = 'bind_file' in given ? given.bind_file : null;
    if (file === null || known.has(file)) return [];
    return [at(step, 'bind_file', `there is no other file "${file}" in this conversation`)];
  });
  // Of another file than the one that was looked at, only the run can tell.
  const columns = proposal?.file === input.file ? proposal.columns : null;
  const missing = (columns === null ? [] : missingColumns(plan, { columns })).map(({ step, path, name }) =>
    at(step, String(path[1]), `the file has no column "${name}"`),
  );
  const issues = [...unknown, ...missing];
  if (issues.length > 0) throw toValidationProblem(issues);
}
