import type { InputOf, JobType, ResultOf } from '../../job-types/contract/job-type.js';
import type { JobArgs } from './messages.js';

type Types = Readonly<Record<string, JobType>>;

/** The workflow of a job type: it takes the type's input and returns the type's result. */
type WorkflowOf<Type extends JobType> = (job: JobArgs<InputOf<Type>>) => Promise<ResultOf<Type>>;

/** For each job type the workflow of its name. */
type Wanted<Registered extends Types> = { [Name in keyof Registered]: WorkflowOf<Registered[Name]> };

/** Workflows of which no job type has the name. */
type Strangers<Registered extends Types, Exported> = {
  [Name in Exclude<keyof Exported, keyof Registered>]: never;
};

/** Does not compile while a job type has no workflow of its name, or a workflow no job type. */
export type Complete<
  Registered extends Types,
  Exported extends Wanted<Registered> & Strangers<Registered, Exported>,
> = Exported;
