import type { DomDocument } from './dom.js';
import type { Text } from './text-of.js';

/** What the page has besides text; looked at before anything is taken out of it. */
export interface Signs {
  scripts: number;
  asksForPassword: boolean;
  forwards: boolean;
}

export const signsOf = (document: DomDocument): Signs => ({
  scripts: document.querySelectorAll('script').length,
  asksForPassword: document.querySelector('input[type="password"]') !== null,
  forwards: document.querySelector('meta[http-equiv="refresh" i]') !== null,
});

/** Two or three sentences: news in brief are longer, cookie notices and error pages mostly shorter. */
export const fewestLetters = 200;

/** One character of these says about as much as three letters. */
const denseScripts = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

const mostLinks = 0.7;

/** Letters, those of dense scripts three times. */
export function weighLetters(text: string): number {
  const beyondAscii = text.replaceAll(/[\x00-\x7f]+/g, '');
  const latin = text.length - beyondAscii.length - text.replaceAll(/[a-z\u0080-\uffff]+/gi, '').length;
  const letters = latin + (beyondAscii.match(/\p{L}/gu)?.length ?? 0);
  return letters + 2 * (beyondAscii.match(denseScripts)?.length ?? 0);
}

/** Why this is not taken for an article, as a sentence; null when it is one. */
export function whyNoArticle(
  { text, linkShare }: Pick<Text, 'text' | 'linkShare'>,
  signs: Signs,
): string | null {
  if (weighLetters(text) >= fewestLetters) {
    if (linkShare <= mostLinks) return null;
    return `The page is a list: ${Math.round(linkShare * 100)} % of its text are links.`;
  }
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const found = letters === 0 ? 'no running text' : `only ${letters} letters of running text`;
  if (signs.forwards)
    return `The page has ${found} and forwards elsewhere (meta refresh), which is not followed.`;
  if (signs.asksForPassword) return `The page has ${found} and asks for a sign-in.`;
  if (signs.scripts > 0)
    return `The page has ${found}; it may draw the rest with JavaScript, which is not run.`;
  return `The page has ${found}.`;
}
