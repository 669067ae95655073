/**
 * JSON that PostgreSQL's jsonb takes: it refuses the character NUL and halves of surrogate pairs, which JSON and our
 * callers allow. Both become the replacement character.
 */
export const toJsonb = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'string' ? field.replaceAll('\0', '\uFFFD').toWellFormed() : field,
  );
