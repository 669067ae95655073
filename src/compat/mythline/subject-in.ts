import { StorableText } from '../../../job-types/fields/storable-text.js';

/** The subject that an address names. Null for what no database takes, which is nobody's subject. */
export function subjectIn(address: string): string | null {
  const { data } = StorableText.safeParse(address.normalize('NFC').trim());
  return data ?? null;
}
