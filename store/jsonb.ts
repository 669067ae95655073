/**
 * JSON that PostgreSQL's jsonb takes: it refuses the character NUL and halves of surrogate pairs, which JSON and our
 * callers allow. Both become the replacement character.
 */
export function toJsonb(value: unknown): string {
  const json = JSON.stringify(value);
  // Either is written as an escape; hardly a value has one, and walking through every field costs three times as much.
  if (!/\\u(0000|d[89a-f])/.test(json)) return json;
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'string' ? field.replaceAll('\0', '\uFFFD').toWellFormed() : field,
  );
}
