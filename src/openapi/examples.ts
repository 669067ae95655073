import type { OpenAPIObject } from '@nestjs/swagger';
import type { JobType } from '../../job-types/contract/job-type.js';

/** Where examples say that the API is. */
const usualAddress = 'http://127.0.0.1:3000/';

/** The value, with this API's own address where it names the usual one. */
export function atHome<T>(value: T, port: number): T {
  return JSON.parse(JSON.stringify(value).replaceAll(usualAddress, `http://127.0.0.1:${port}/`)) as T;
}

/** A submit of each type, first those that need nothing that has to be configured: people try the first. */
export function submitExamples(types: readonly JobType[]) {
  const ready = types.toSorted((a, b) => Number(a.needsModel ?? false) - Number(b.needsModel ?? false));
  return Object.fromEntries(
    ready.map(({ name, title, example }) => [
      name,
      { summary: title, value: { type: name, input: example } },
    ]),
  );
}

/** Puts examples to the body of the operation with this id. */
export function setBodyExamples(document: OpenAPIObject, operationId: string, examples: object): void {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods) as unknown[]);
  const operation = operations.find((one) => (one as Operation).operationId === operationId) as Operation;
  const { requestBody } = operation;
  if (requestBody && 'content' in requestBody)
    Object.assign(requestBody.content['application/json'] ?? {}, { examples });
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;
