import { StorableText } from '../../job-types/fields/storable-text.js';

/** The field of a query by which a list is searched, whatever the case of the letters. */
export const searchField = (description: string) =>
  StorableText.trim().min(1).max(100).optional().meta({ description });
