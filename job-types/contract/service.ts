/** One entry of what a service answers: a file, for example. */
export interface ServiceText {
  title: string;
  value: string;
  subtitle: string | null;
}

/** What the result of a job has whose type is a service. */
export interface ServiceResult {
  texts: ServiceText[];
  /** Id of a file with all of them, where they are too long for a result, which then has the beginning of each. */
  textsFile?: string | undefined;
}

/** Makes a job type a service: its routes, its form and its place among the others follow from this. */
export interface Service {
  /** The path that it is run at, "/plugin/task". Services of one plugin stand together. */
  rule: `/${string}/${string}`;
  /** Those of the input that its form asks for, in their order; folders and files come before all others. */
  fields: readonly string[];
}
