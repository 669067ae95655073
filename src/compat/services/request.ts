import { UnprocessableEntityException } from '@nestjs/common';
import { z } from 'zod';
import { isRecord } from '../../../job-types/contract/is-record.js';
import type { Field } from './fields.js';

const Values = z.record(z.string(), z.unknown());

/** What a service is run with: folders, files and texts by their keys, and what is set beside them. */
export const ServiceRequest = z.object({ inputs: Values, parameters: Values.nullish() }).meta({
  id: 'ServiceRequest',
  description: 'An input is {"path": ...} or {"text": ...}; several files are {"files": [{"path": ...}]}',
});
export type ServiceRequest = z.output<typeof ServiceRequest>;

/**
 * The input of the job that it asks for. What is null or empty counts as absent.
 * @throws {UnprocessableEntityException} with a sentence, for a key that the form does not have: it would do nothing
 */
export function inputOf(
  fields: readonly Field[],
  { inputs, parameters }: ServiceRequest,
): Record<string, unknown> {
  const known = new Set(fields.map(({ key }) => key));
  const unknown = [...Object.keys(inputs), ...Object.keys(parameters ?? {})].find((key) => !known.has(key));
  if (unknown !== undefined) {
    const there = [...known].join(', ');
    throw new UnprocessableEntityException(
      `"${unknown.slice(0, 100)}" is not known here; this service takes ${there}.`,
    );
  }
  const values = fields.flatMap((field): [string, unknown][] => {
    const { key, name } = field;
    const value = valueOf(field, own(inputs, key) ?? own(parameters ?? {}, key));
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values);
}

/** "constructor" is a property of every object. */
const own = (values: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(values, key) ? values[key] : undefined;

function valueOf({ kind, schema }: Field, given: unknown): unknown {
  const value = unwrapped(given);
  if (value === null || value === undefined || value === '') return undefined;
  if (kind === 'batchfile') return Array.isArray(value) ? value.map(unwrapped) : [value];
  if (typeof value !== 'string') return value;
  if (schema['type'] === 'integer' || schema['type'] === 'number') {
    return /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  }
  if (schema['type'] === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

const unwrapped = (given: unknown): unknown =>
  isRecord(given) ? (given['path'] ?? given['text'] ?? given['files'] ?? given['texts']) : given;
