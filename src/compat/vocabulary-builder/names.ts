import { languageName } from '../../../job-types/fields/language.js';

/** That system's clients know no zone; a time with one would not compare with their own. */
export const withoutZone = (iso: string): string => iso.replace(/(\.\d+)?Z$/, '');

/** Where its page has another name in its lists than everybody else. */
const ownNames: Readonly<Record<string, string>> = { zh: 'Mandarin' };

/** A language as it stands in the lists of its page: "Spanish". */
export const pageLanguage = (tag: string): string => ownNames[tag] ?? languageName(tag);
