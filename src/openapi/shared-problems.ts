import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse, sharedResponses } from './answers.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];
type ProblemAnswer = Exclude<Responses[string], undefined | { $ref: string }>;

const problemType = 'application/problem+json';

const responsesIn = (document: OpenAPIObject): Responses[] =>
  Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as Record<string, Operation>).map(({ responses }) => responses),
  );

/** Writes each problem that several operations answer once, and a reference to it everywhere. */
export function shareProblems(document: OpenAPIObject): void {
  const responses: Record<string, ProblemAnswer> = {};
  for (const answers of responsesIn(document)) {
    for (const [status, answer] of Object.entries(answers)) {
      if (!isProblem(answer)) continue;
      const isUsual = isDeepStrictEqual(answer, problemResponse(Number(status)));
      const name = `${isUsual ? 'Problem' : 'Either'}${status}`;
      responses[name] ??= answer;
      // Of two that differ from the usual one, only the first is shared.
      if (isDeepStrictEqual(answer, responses[name])) answers[status] = { $ref: `${sharedResponses}${name}` };
    }
  }
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...responses },
  };
}

/** A problem, by itself or beside an error in another system's form. */
const isProblem = (answer: Responses[string]): answer is ProblemAnswer =>
  answer !== undefined && 'content' in answer && problemType in (answer.content ?? {});

/** The document as people read it: what a problem looks like is said once, and not under each status of each operation. */
export function withoutProblemBodies(document: OpenAPIObject): OpenAPIObject {
  const read = structuredClone(document);
  for (const answers of responsesIn(read)) {
    for (const [status, answer] of Object.entries(answers)) {
      const response =
        answer && '$ref' in answer ? read.components?.responses?.[nameIn(answer.$ref)] : answer;
      if (!response || '$ref' in response || !(problemType in (response.content ?? {}))) continue;
      answers[status] = { description: response.description };
    }
  }
  return read;
}

const nameIn = (ref: string): string => ref.slice(sharedResponses.length);
