import { Readability } from '@mozilla/readability';
import { languageTag } from '../../../job-types/fields/language.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cleanLine, cleanText } from './clean-text.js';
import { parseHtml, type DomNode } from './dom.js';
import { isTooIntricate } from './intricacy.js';
import { textOf } from './text-of.js';
import { signsOf, weighLetters, whyNoArticle } from './why-no-article.js';

export interface Article {
  title: string | null;
  /** BCP 47, as the page declares it. */
  language: string | null;
  /** A line for each paragraph. */
  text: string;
}

const longestHtml = 5_000_000;
const longestTitle = 300;

/** What a person who opens the page does not see, or what is not text. */
const unseen = [
  'script',
  'style',
  'template',
  'noscript',
  'iframe',
  'object',
  'svg',
  'math',
  'dialog:not([open])',
  '[hidden]',
  '[aria-hidden="true"]',
].join(',');

const hiddenByStyle =
  /display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|(opacity|font-size)\s*:\s*0(?![.\d]*[1-9])/i;

/**
 * The article in an HTML page. Takes as long as the page makes it take, so the worker calls it in a thread that can be
 * ended (article-reader.ts).
 *
 * @throws {StepFailure} no-article, page-too-large
 */
export function readArticle(html: string, url: string): Article {
  if (html.length > longestHtml || isTooIntricate(html)) {
    throw new StepFailure(
      'page-too-large',
      'The page is longer, or its elements more or more deeply nested, than an article can be.',
    );
  }
  const document = parseHtml(inOnePiece(html));
  const signs = signsOf(document);
  const title = document.querySelector('title:not(svg title)');
  if (title) document.head.append(title);
  // Readability resolves every link, and without a base each of them costs it an exception.
  const base = document.createElement('base');
  base.setAttribute('href', url);
  document.head.append(base);

  for (const element of document.querySelectorAll(unseen)) element.remove();
  for (const element of document.querySelectorAll('[style]')) {
    if (hiddenByStyle.test(element.getAttribute('style') ?? '')) element.remove();
  }

  const found = new Readability<DomNode>(document, { serializer: (node: DomNode) => node }).parse();
  const text = found?.content ? textOf(found.content) : { text: '', linkShare: 0 };
  const reason = whyNoArticle(text, signs);
  if (reason) throw new StepFailure('no-article', reason);
  return {
    title: cleanLine(found?.title ?? '').slice(0, longestTitle) || null,
    language: declaredLanguage(html),
    text: text.text,
  };
}

/** @throws {StepFailure} no-article when there is not a word in it */
export function readPlainText(text: string): Article {
  const clean = cleanText(text).trim();
  if (weighLetters(clean) === 0) throw new StepFailure('no-article', 'The page is empty.');
  return { title: null, language: null, text: clean };
}

/**
 * The parser builds exactly the tags it is given. Pages leave out html, head and body, or have two of them; all are
 * taken out and one of each put in.
 */
function inOnePiece(html: string): string {
  const content = html.replaceAll(/<\/?(?:html|head|body|!doctype|\?xml)(?=[\s>/?])[^>]{0,2000}>/gi, '');
  return `<!doctype html><html><head></head><body>${content}</body></html>`;
}

function declaredLanguage(html: string): string | null {
  const tag = /<html\s[^>]{0,2000}>/i.exec(html.slice(0, 100_000))?.[0];
  const language = tag && /\s(?:xml:)?lang\s*=\s*["']?([\w-]+)/i.exec(tag)?.[1];
  return language ? languageTag(language) : null;
}
