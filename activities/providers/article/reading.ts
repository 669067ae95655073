import { Readability } from '@mozilla/readability';
import { type DomDocument, type DomElement, type DomNode, isElement } from './dom.js';
import { isAround, proseWeights, weighProse } from './prose.js';
import { fewestLetters } from './why-no-article.js';
import { asText, type Line, linesOf, type Text, textOf } from './text-of.js';

export interface Reading {
  title: string | null;
  text: Text;
  /** How much running text stands around it, of what may belong to it; 0 to 1. */
  leftOut: number;
}

/** The element that this share of the running text stands in is the one that the article stands in. */
const mainShare = 0.85;
/** Less than this is a caption, a box or a teaser. */
const aGoodPart = 0.2;
/** Readability keeps them on pages that have little else. */
const menus = 'nav, [role="navigation"], body > footer';
/** In lines; looking for a line anywhere in the text costs the length of the text. */
const mostSearches = 300;

/**
 * What Readability finds, unless it lost paragraphs: then all running text of the page's main content. Changes the
 * document.
 *
 * @param isLarge Readability is not asked, since its time grows faster than the page
 */
export function readDocument(document: DomDocument, { isLarge }: { isLarge: boolean }): Reading {
  const title = document.querySelector('title')?.textContent ?? null;
  for (const element of document.querySelectorAll(menus)) {
    if (linesOf(element).every((line) => weighProse(line) === 0)) element.remove();
  }
  const lines = linesOf(document.body, isAround);
  const main = mainElement(document.body, proseWeights(lines, document.body));
  const all = lines.filter(({ block }) => main.contains(block));
  const heading = document.querySelector('h1')?.textContent ?? null;
  const isBelonging = belonging(main);
  const shapes = new Map(all.map((line) => [line, shapeOf(line.block, main)]));

  const found = isLarge
    ? null
    : new Readability<DomNode>(document, { serializer: (node: DomNode) => node }).parse();
  const usual: Reading = {
    title: found?.title || title,
    text: found?.content ? textOf(found.content) : asText([]),
    leftOut: 0,
  };
  const isFound = finder(usual.text);
  const scope = scopeOf(all.filter((line) => weighProse(line) > 0 && isFound(line.text)));
  const prose = all.filter((line) => weighProse(line) > 0 && (scope === null || scope.contains(line.block)));
  const missing = prose.filter((line) => !isFound(line.text));
  const share = sum(missing) / (sum(prose) || 1);
  if (share < aGoodPart) return usual;
  const foundShapes = new Set(
    prose.filter((line) => !missing.includes(line)).map((line) => shapes.get(line)),
  );
  const likeFound = missing.filter((line) => foundShapes.has(shapes.get(line)));
  const isFuller = isBelonging || sum(likeFound) >= sum(missing) / 2 || sum(usual.text.lines) < fewestLetters;
  if (!isFuller) return { ...usual, leftOut: share };
  return {
    title: usual.title,
    text: asText(withoutTitle(scoped(all, scope), [usual.title, heading])),
    leftOut: 0,
  };
}

const articles = 'article, [itemprop~="articleBody"]';

const sum = (lines: readonly Line[]): number => lines.reduce((total, line) => total + weighProse(line), 0);

const fewestInScope = 3;

/** The article element that all that was found stands in: what stands elsewhere is something else. */
function scopeOf(found: readonly Line[]): DomElement | null {
  const scopes = new Set(found.map(({ block }) => (isElement(block) ? block.closest(articles) : null)));
  const [scope = null] = scopes;
  return scopes.size === 1 && found.length >= fewestInScope ? scope : null;
}

const scoped = (lines: readonly Line[], scope: DomElement | null): Line[] =>
  lines.filter(({ block }) => scope === null || scope.contains(block));

/** The innermost element with nearly all running text in it. */
function mainElement(body: DomElement, weights: ReadonlyMap<DomNode, number>): DomElement {
  const enough = mainShare * (weights.get(body) ?? 0);
  let main = body;
  for (;;) {
    const inner = [...main.children].find((child) => (weights.get(child) ?? 0) >= enough);
    if (!inner || enough === 0 || weights.get(inner) === undefined) return main;
    if (inner.nodeName === 'P') return main;
    main = inner;
  }
}

/** Whether the page itself says that all of it is one article. */
function belonging(main: DomElement): boolean {
  if (main.closest(articles)) return main.querySelectorAll('article').length === 0;
  return main.closest('main, [role="main"]') !== null && main.querySelectorAll('article').length <= 1;
}

/** Names of the elements around a line. */
function shapeOf(block: DomNode, main: DomNode): string {
  const names: string[] = [];
  for (let node: DomNode | null = block; node && node !== main && names.length < 20; node = node.parentNode) {
    names.push(node.nodeName);
  }
  return names.join();
}

function finder({ lines, text }: Text): (line: string) => boolean {
  const exact = new Set(lines.map((line) => line.text));
  const flat = text.replaceAll(/\s+/g, '');
  let searches = 0;
  return (line) => {
    if (exact.has(line)) return true;
    searches += 1;
    return searches <= mostSearches && flat.includes(line.replaceAll(/\s+/g, ''));
  };
}

/** Readability takes the heading out of the text; so does this. */
function withoutTitle(lines: readonly Line[], titles: readonly (string | null)[]): Line[] {
  const bare = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  const headings = new Set(titles.flatMap((title) => (title ? [bare(title)] : [])));
  const start = lines.findIndex((line) => !headings.has(line.text));
  return lines.slice(Math.max(0, start));
}
