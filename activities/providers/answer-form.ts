import type { FlexibleSchema } from 'ai';
import { z } from 'zod';
import type { WholeSchema } from '../../job-types/fields/json-schema/schema.js';
import { jsonIn } from './json-in-text.js';
import { withNulls } from './json-schema/left-out.js';

/** The form an answer is asked for in, and what is made of one that comes. */
export interface AnswerForm<T> {
  /** What the provider is told about JSON; null: nothing, since any text will do. */
  schema: FlexibleSchema | null;
  /** Whether it may hold the model to the schema token by token. Servers refuse most schemas that way. */
  strict: boolean;
  /** The form in words, for servers that pass over the schema; absent where the prompt says it. */
  inWords?: string;
  /** The list that the answer is, where it is one: what stands complete in it is of use by itself. */
  list?: AskedList;
  /**
   * @param text not empty
   * @throws {NotInForm}
   */
  read(text: string): T;
}

export interface AskedList {
  /** Its property of the whole. */
  name: string;
  /** How many items were asked for: an answer with so many holds all of it. */
  asked: number;
}

/** What is wrong with an answer, in words that go on from the name of the model. It does not quote the answer. */
export class NotInForm extends Error {
  override name = 'NotInForm';
}

/** Any text. One that was cut at its length is still an answer. */
export const anyText: AnswerForm<null> = { schema: null, strict: false, read: () => null };

interface ObjectFormOptions {
  /** The shape with the limits that the model is told; the same when absent. */
  sent?: z.ZodType;
  list?: AskedList;
}

/**
 * JSON of a shape of our own. Its prompt names the fields: some servers pass over the schema.
 * @param schema strict structured output knows no optional fields: keep to the shape
 */
export function objectForm<T>(
  schema: z.ZodType<T>,
  { sent = schema, list }: ObjectFormOptions = {},
): AnswerForm<T> {
  const shape = z.toJSONSchema(schema) as WholeSchema;
  return {
    schema: sent,
    strict: true,
    ...(list ? { list } : {}),
    read: (text) =>
      readFirst(text, (json) => {
        const parsed = schema.safeParse(withNulls(wrappedAgain(json, shape), shape));
        if (parsed.success) return parsed.data;
        const where = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
        throw otherForm(where);
      }),
  };
}

/** Small models leave out an object that holds one list and nothing else. */
function wrappedAgain(json: unknown, { properties = {} }: WholeSchema): unknown {
  const [[name, part] = [], another] = Object.entries(properties);
  const holdsList = another === undefined && typeof part === 'object' && part.type === 'array';
  return name !== undefined && holdsList && Array.isArray(json) ? { [name]: json } : json;
}

/** @param where places and what is wrong there; a few are enough */
export const otherForm = (where: string[]): NotInForm =>
  new NotInForm(`answered in another form than was asked for: ${where.slice(0, 3).join('; ')}`);

/**
 * The first value in a text that can be read.
 * @throws {NotInForm} what is wrong with the likeliest one
 */
export function readFirst<T>(text: string, read: (json: unknown) => T): T {
  let complaint: NotInForm | null = null;
  for (const json of jsonIn(text)) {
    try {
      return read(json);
    } catch (error) {
      if (!(error instanceof NotInForm)) throw error;
      complaint ??= error;
    }
  }
  throw complaint ?? new NotInForm('answered with text that is not valid JSON');
}
