import type { z } from 'zod';

/** One kind of job, as data: what may be asked, what comes back, and the steps a person would recognise. */
export interface JobType<
  Input extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Step extends string = string,
> {
  /** The name clients send; also the name of the workflow function. */
  name: string;
  title: string;
  description: string;
  input: Input;
  result: Result;
  /** What a job of this type may wait for from a person, by name. */
  inputs?: Readonly<Record<string, z.ZodType>>;
  /** The built-in rules cannot do its work: a submit is refused where a job would get no model. */
  needsModel?: true;
  /** In the order they usually run. */
  steps: readonly { name: Step; title: string }[];
  /** A few words that tell one job of this type from another, for lists and the Temporal UI. */
  subject(input: z.infer<Input>): string;
  /** A valid input, shown in the documentation. */
  example: z.input<Input>;
}

export function defineJobType<Input extends z.ZodType, Result extends z.ZodType, const Step extends string>(
  type: JobType<Input, Result, Step>,
): JobType<Input, Result, Step> {
  return Object.freeze(type);
}

export type InputOf<T> = T extends JobType<infer Input, z.ZodType, string> ? z.infer<Input> : never;
export type ResultOf<T> = T extends JobType<z.ZodType, infer Result, string> ? z.infer<Result> : never;
export type StepOf<T> = T extends JobType<z.ZodType, z.ZodType, infer Step> ? Step : never;
