import type { FlexibleSchema } from 'ai';
import type { z } from 'zod';

/** The form an answer is asked for in, and what is made of one that comes. */
export interface AnswerForm<T> {
  /** What the provider is told about JSON; null: nothing, since any text will do. */
  schema: FlexibleSchema | null;
  /** Whether it may hold the model to the schema token by token. Servers refuse most schemas that way. */
  strict: boolean;
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
 * JSON of a shape of our own.
 * @param schema strict structured output knows no optional fields: keep to the shape
 */
export const objectForm = <T>(
  schema: z.ZodType<T>,
  { sent = schema, list }: ObjectFormOptions = {},
): AnswerForm<T> => ({
  schema: sent,
  strict: true,
  ...(list ? { list } : {}),
  read(text) {
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
    throw otherForm(where);
  },
});

/** @param where places and what is wrong there; a few are enough */
export const otherForm = (where: string[]): NotInForm =>
  new NotInForm(`answered in another form than was asked for: ${where.slice(0, 3).join('; ')}`);

/** Small models wrap JSON in Markdown whatever they are told. */
const fence = /^\s*```\w*\s*|\s*```\s*$/g;

/** @throws {NotInForm} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(fence, ''));
  } catch {
    throw new NotInForm('answered with text that is not valid JSON');
  }
}
