import { jsonSchema } from 'ai';
import { isRecord } from '../../../job-types/contract/is-record.js';
import { deepPlace } from '../../../job-types/contract/json-depth.js';
import type { WholeSchema } from '../../../job-types/fields/json-schema/schema.js';
import { StepFailure } from '../../frame/step-failure.js';
import { type AnswerForm, NotInForm, otherForm, readFirst } from '../answer-form.js';
import { withNulls } from './left-out.js';
import { findMismatch } from './mismatch.js';
import { fitsStrict } from './strict.js';
import { TookTooLong, within } from './within.js';

/** An ordinary answer takes a few. Everything else this worker does stands still meanwhile. */
const checkMs = 500;

/** Levels of an answer: as deep as schemas go, and several times more. */
const deepest = 200;

/** JSON that matches the schema of a client, who may have meant harm by it. */
export function clientForm(schema: WholeSchema): AnswerForm<unknown> {
  const isObject = schema.type === 'object';
  const sent = isObject ? schema : wrapped(schema);
  return {
    schema: jsonSchema(sent as Parameters<typeof jsonSchema>[0]),
    strict: fitsStrict(sent),
    inWords: `Answer with JSON that matches this JSON Schema, and with nothing else: ${JSON.stringify(sent)}`,
    read: (text) =>
      readFirst(text, (json) => {
        if (deepPlace(json, deepest)) throw new NotInForm('answered with JSON that nests too deep');
        return checked(isObject ? json : unwrapped(json), schema);
      }),
  };
}

/** Providers take objects only. */
const wrapped = ({ $schema, $defs, ...part }: WholeSchema): WholeSchema => ({
  ...($schema === undefined ? {} : { $schema }),
  type: 'object',
  properties: { value: part },
  required: ['value'],
  additionalProperties: false,
  ...($defs === undefined ? {} : { $defs }),
});

/** A model that is not held to the schema may leave out what we put around it. */
function unwrapped(json: unknown): unknown {
  if (!isRecord(json)) return json;
  const [entry, ...others] = Object.entries(json);
  return entry?.[0] === 'value' && others.length === 0 ? entry[1] : json;
}

/** @throws {NotInForm} */
function checked(given: unknown, schema: WholeSchema): unknown {
  try {
    return within(checkMs, () => {
      const value = withNulls(given, schema);
      const mismatch = findMismatch(value, schema);
      if (mismatch) throw otherForm([`/${mismatch.path.join('/')} ${mismatch.what}`]);
      return value;
    });
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    const detail = `An answer could not be compared with the schema in ${checkMs / 1000} seconds.`;
    throw new StepFailure('schema-too-costly', detail);
  }
}
