import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse, sharedResponses } from './answers.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];

const problemType = 'application/problem+json';

const responsesIn = (document: OpenAPIObject): Responses[] =>
  Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as Record<string, Operation>).map(({ responses }) => responses),
  );

/** Writes each problem that several operations answer once, and a reference to it everywhere. */
export function shareProblems(document: OpenAPIObject): void {
  const responses: Record<string, ReturnType<typeof problemResponse>> = {};
  for (const answers of responsesIn(document)) {
    for (const [status, answer] of Object.entries(answers)) {
      const usual = problemResponse(Number(status));
      if (!isDeepStrictEqual(answer, usual)) continue;
      responses[`Problem${status}`] = usual;
      answers[status] = { $ref: `${sharedResponses}Problem${status}` };
    }
  }
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...responses },
  };
}

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
