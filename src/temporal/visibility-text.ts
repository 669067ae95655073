/** A text as a visibility query takes it. */
export const visibilityText = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
