import type { z } from 'zod';
import type { Service } from './service.js';

/** What a job may be told by a person, by the name of the wait. */
export type Answers = Readonly<Record<string, z.ZodType>>;

/** Of a type that asks nobody. */
type NoAnswers = Readonly<Record<string, never>>;

interface Named<Kind extends string> {
  kind: Kind;
  name: string;
  /** The field of the request that names it. */
  pointer: string;
}

/** What has to be there before a job is started. A folder is named by its path. */
export type Need =
  | Named<'research'>
  | (Named<'inputFolder'> & {
      /** ".mp3"; in any case. At least one file of it or of those in it ends in one of them. */
      endings: readonly string[];
    })
  | Named<'outputFolder'>
  | {
      /** Something to transcribe, and something that does. */
      kind: 'recordings';
      /** Ids. */
      files: readonly string[] | null;
      folder: string | null;
      pointer: string;
    };

/** One kind of job, as data: what may be asked, what comes back, and the steps a person would recognise. */
export interface JobType<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Step extends string = string,
  Asked extends Answers = Answers,
> {
  /** The name clients send; also the name of the workflow function. */
  name: Name;
  title: string;
  description: string;
  input: Input;
  result: Result;
  /** The schemas of what a job of this type asks people, by the name it asks under. */
  answers: Asked;
  /** The built-in rules cannot do its work: a submit is refused where a job would get no model. */
  needsModel?: true;
  /** Its calls go to the transcriber and to no model. Without a transcriber it makes none. */
  asksTranscriber?: true;
  /** A submit is refused as long as its owner has no such thing. */
  needs?(input: z.infer<Input>): Need | readonly Need[];
  /** In the order they usually run. */
  steps: readonly { name: Step; title: string }[];
  /** A few words that tell one job of this type from another, for lists and the Temporal UI. */
  subject(input: z.infer<Input>): string;
  /** The concurrency key of a job whose request names none; without it such a job has none. At most 200 characters. */
  concurrencyKey?(input: z.infer<Input>): string;
  /** What the latest job of this type is found by, however it was started; without it such jobs are found by id alone. */
  alias?(input: z.infer<Input>): string;
  /**
   * What the input of a rerun or a fork is given besides, so that it takes the place of what the old job has left. A
   * fork whose request says otherwise keeps to that.
   * @param rootJobId the first job of the old one's chain of retries
   */
  instead?(input: z.infer<Input>, rootJobId: string): Partial<z.infer<Input>>;
  /** Offers the type to clients that find services and their forms by themselves. The API does not start where its result has no `texts`. */
  service?: Service;
  /** A valid input, shown in the documentation, which works as it stands. An address at `http://127.0.0.1:3000/` is the API's own. */
  example: z.input<Input>;
}

type Definition<
  Name extends string,
  Input extends z.ZodType,
  Result extends z.ZodType,
  Step extends string,
  Asked extends Answers,
> = Omit<JobType<Name, Input, Result, Step, Asked>, 'answers'> & {
  /** Left out by a type that asks nobody. */
  answers?: Asked;
};

export function defineJobType<
  const Name extends string,
  Input extends z.ZodType,
  Result extends z.ZodType,
  const Step extends string,
  const Asked extends Answers = NoAnswers,
>(type: Definition<Name, Input, Result, Step, Asked>): Readonly<JobType<Name, Input, Result, Step, Asked>> {
  return Object.freeze({ ...type, answers: type.answers ?? ({} as Asked) });
}

export type InputOf<Type extends JobType> = z.infer<Type['input']>;
export type ResultOf<Type extends JobType> = z.infer<Type['result']>;
export type StepOf<Type extends JobType> = Type['steps'][number]['name'];
/** What a person answers, by the name of the wait. */
export type AnswersOf<Type extends JobType> = {
  [Name in keyof Type['answers'] & string as string extends Name ? never : Name]: z.infer<
    Type['answers'][Name]
  >;
};
