import { isRecord } from '../shared/value-view.js';

/**
 * What becomes of a value. Two files may arrive before either is drawn: what is made of the value that was drawn, the
 * second would lose the first.
 */
export type Change<Value = unknown> = (before: Value) => Value;

export const recordIn = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** A record with one field changed. A field that is emptied is left out. */
export function withField(value: unknown, { name, change }: { name: string; change: Change }): unknown {
  const { [name]: before, ...others } = recordIn(value);
  const after = change(before);
  return after === undefined ? others : { ...recordIn(value), [name]: after };
}
