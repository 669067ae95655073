import { plainText } from '../../../job-types/fields/plain-text.js';

/** The two joiners belong to the spelling of these scripts; in others they only hide. */
const strayJoiners =
  /(?<![\p{scx=Arab}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Mymr}\p{scx=Khmr}\p{scx=Mong}])[\u200c\u200d]+/gu;

export const cleanText = (text: string): string => plainText(text.replaceAll(strayJoiners, ''));

/** One line: white space of any kind becomes single spaces. */
export const cleanLine = (text: string): string => cleanText(text).replaceAll(/\s+/g, ' ').trim();
