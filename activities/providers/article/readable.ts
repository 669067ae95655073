import { languageTag } from '../../../job-types/fields/language.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cleanLine, cleanText } from './clean-text.js';
import { carriedText } from './carried.js';
import type { DomDocument, DomElement } from './dom.js';
import { settleHidden } from './hidden.js';
import { isTooIntricate } from './intricacy.js';
import { unwrapAnchors } from './links.js';
import { moveParts } from './moved-parts.js';
import { parseHtml } from './parse-html.js';
import { weighProse } from './prose.js';
import { type Reading, readDocument } from './reading.js';
import { readRunningText } from './running-text.js';
import { scriptsOf } from './scripts.js';
import { type Text, textOf } from './text-of.js';
import { decodedOnceMore } from './twice-encoded.js';
import { fewestLetters, signsOf, weighLetters, whyNoArticle } from './why-no-article.js';

export interface Article {
  title: string | null;
  /** BCP 47, as the page declares it. */
  language: string | null;
  /** A line for each paragraph. */
  text: string;
  /** What the person should know about how it was found; absent when there is nothing. */
  notes?: string[];
}

const longestHtml = 5_000_000;
const longestTitle = 300;
/** Characters besides scripts and styles. Readability takes half a second of processor time and more for these. */
const largeHtml = 500_000;
/** What the text is compared with, where a page has another one: it has to be this much longer to be taken. */
const muchLonger = 1.5;
/** Less than this share of hidden text is a menu or a notice. */
const worthTelling = 0.25;

/** What is no text, or is not seen whatever a script does. */
const unseen = 'script, style, iframe, object, dialog:not([open])';

/**
 * The article in an HTML page. Takes as long as the page makes it take, so the worker calls it in a thread that can be
 * ended (article-reader.ts).
 *
 * @throws {StepFailure} no-article, page-too-large
 */
export function readArticle(page: string, url: string): Article {
  requireReadable(page);
  const { text: html, note } = asMeant(page);
  const { document, noscript } = parseHtml(html);
  const signs = signsOf(document);
  const language = declaredLanguage(document);
  const codeLength = lengthOf(document.querySelectorAll('script, style'));
  const scripts = scriptsOf(document);
  // Readability resolves every link, and without a base each of them costs it an exception.
  const base = document.createElement('base');
  base.setAttribute('href', url);
  document.head.appendChild(base);

  moveParts(document, scripts);
  unwrapAnchors(document);
  const withoutScripts = noscript.map((text) => parseHtml(text).document);
  const takenOut = settleHidden(document, { named: scripts.named, withoutScripts });
  const set = [...document.querySelectorAll('template')].map((template) => textOf(template));
  for (const element of document.querySelectorAll(`template, ${unseen}`)) element.remove();
  scrub(document);

  const shown = readDocument(document, { isLarge: html.length - codeLength > largeHtml });
  const reason = whyNoArticle(shown.text, signs);
  const carried = carriedText(scripts);
  const others = [
    ...(carried ? [{ ...textOfCarried(carried.body), title: carried.title }] : []),
    ...withoutScripts.map(({ body }) => ({ ...textOf(body), title: null })),
    ...set.map((text) => ({ ...text, title: null })),
    // It holds all of the page, also what stands around the article.
    ...(reason === null ? [] : [{ ...textOfCarried(scripts.flight.drawn), title: null }]),
  ];
  const other = others.find((text) => serves(text, { shown: shown.text, reason }));
  if (reason !== null && !other) throw new StepFailure('no-article', reason);
  const notes = other
    ? ['The page carries its text as data, which a script shows.']
    : notesOn(shown, takenOut);
  return article({ title: shown.title ?? other?.title ?? null, language, text: (other ?? shown.text).text }, [
    ...note,
    ...notes,
  ]);
}

function article({ title, ...found }: Article, notes: readonly string[]): Article {
  const line = cleanLine(title ?? '').slice(0, longestTitle);
  return { title: line || null, ...found, ...(notes.length > 0 && { notes: [...notes] }) };
}

/** A page that one of the systems it went through took for another charset: before anything is made of its letters. */
function asMeant(text: string): { text: string; note: string[] } {
  const meant = decodedOnceMore(text);
  return meant === null
    ? { text, note: [] }
    : { text: meant, note: ['The text of the page was encoded twice over.'] };
}

/** Text without a look for the article in it: for a page for which that takes too long. @throws {StepFailure} as `readArticle` */
export function readInHaste(page: string): Article {
  requireReadable(page);
  const { text, note } = asMeant(page);
  const hasty = 'The page took too long to read: all of its running text was taken.';
  return article(readRunningText(text), [...note, hasty]);
}

/** @throws {StepFailure} page-too-large */
function requireReadable(html: string): void {
  if (html.length <= longestHtml && !isTooIntricate(html)) return;
  throw new StepFailure(
    'page-too-large',
    'The page is longer, or its elements more or more deeply nested, than an article can be.',
  );
}

const lengthOf = (elements: readonly DomElement[]): number =>
  elements.reduce((length, { textContent }) => length + (textContent ?? '').length, 0);

/** Whether a text that the page carries is taken: where the page shows none, or only the beginning of it. */
function serves(text: Text, { shown, reason }: { shown: Text; reason: string | null }): boolean {
  const weight = weighLetters(text.text);
  if (weight < fewestLetters || text.linkShare > 0.5) return false;
  if (reason !== null) return true;
  const beginning = shown.lines.find((line) => weighProse(line) > 0)?.text.slice(0, 60);
  return (
    weight > muchLonger * weighLetters(shown.text) && beginning !== undefined && text.text.includes(beginning)
  );
}

function notesOn({ text, leftOut }: Reading, takenOut: number): string[] {
  const notes: string[] = [];
  if (leftOut > 0) {
    notes.push(
      `The page has more running text than was taken: about ${Math.round(leftOut * 100)} % of it was left out.`,
    );
  }
  if (takenOut > worthTelling * weighLetters(text.text)) {
    notes.push('The page hides a good part of its text, which was left out.');
  }
  return notes;
}

/** Readability judges by these attributes, and by now they say nothing any more. */
function scrub(document: DomDocument): void {
  for (const element of document.querySelectorAll('[style], [hidden], [aria-hidden]')) {
    for (const name of ['style', 'hidden', 'aria-hidden']) element.removeAttribute(name);
  }
}

/** HTML, text, or HTML that was escaped once too often. */
function textOfCarried(body: string): Text {
  const isHtml = (text: string): boolean => /<(p|br|div|h\d|li|a|em|strong|b|i|span)\b/i.test(text);
  const lines = (html: string): Text =>
    textOf(parseHtml(isHtml(html) ? html : html.replaceAll(/\r\n?|\n/g, '<br>')).document.body);
  const once = lines(body);
  return isHtml(once.text) ? lines(once.text) : once;
}

function declaredLanguage({ documentElement: html, body }: DomDocument): string | null {
  const said = [html, body].flatMap((element) =>
    ['lang', 'xml:lang'].flatMap((name) => element.getAttribute(name) ?? []),
  );
  return said.map(languageTag).find((tag) => tag !== null) ?? null;
}

/** @throws {StepFailure} no-article when there is not a word in it */
export function readPlainText(text: string): Article {
  const { text: meant, note } = asMeant(text);
  const clean = cleanText(meant).trim();
  if (weighLetters(clean) === 0) throw new StepFailure('no-article', 'The page is empty.');
  return article({ title: null, language: null, text: clean }, note);
}
