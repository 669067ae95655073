/** The pattern of what holds the text somewhere, for `ilike`; null where nothing is looked for, which everything fits. */
export const containing = (text: string | undefined): string | null =>
  text === undefined ? null : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
