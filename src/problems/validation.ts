import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';
import { isLong, named } from '../what-is-wrong.js';
import { Problem } from './problems.js';

const escape = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

const pointer = (path: readonly PropertyKey[]): string => path.map((part) => `/${escape(part)}`).join('');

/** zod reports unknown keys at their parent. A person wants to be pointed at the key, unless that is all there is to read. */
function toErrors(issue: z.core.$ZodIssue): { pointer: string; detail: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: pointer(isLong(key) ? issue.path : [...issue.path, key]),
    detail: `${named(key)} is not known here`,
  }));
}

/** @param issues what zod found; the Standard Schema type hides that they are zod's own. */
export function toValidationProblem(issues: readonly unknown[]): Problem {
  const found = issues as readonly z.core.$ZodIssue[];
  const errors = found.flatMap(toErrors);
  const type = found.find((issue) => issue.code === 'invalid_union' && pointer(issue.path) === '/type');
  if (type)
    return new Problem('unknown-job-type', 'The type is missing or not one that runs here.', { errors });
  const where = errors.length === 1 ? 'One field is' : `${errors.length} fields are`;
  return new Problem('validation-failed', `${where} wrong.`, { errors });
}

/**
 * For what is checked only after something else was decided.
 * @throws {Problem} as the pipe below does
 */
export function parsed<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const { data, error } = schema.safeParse(value);
  if (error) throw toValidationProblem(error.issues);
  return data;
}

/** Checks every argument that declares a schema; the handler receives what the schema made of it. */
export const validationPipe = new StandardSchemaValidationPipe({ exceptionFactory: toValidationProblem });
