import type { DomElement, DomNode } from './dom.js';
import type { Line } from './text-of.js';
import { weighLetters } from './why-no-article.js';

/** A sentence or two; captions, teasers and buttons are mostly shorter. */
const shortestProse = 60;
const mostLinked = 0.4;

/** What stands around an article rather than in it. */
const around = new Set(
  'NAV ASIDE FOOTER DIALOG BUTTON SELECT TEXTAREA SCRIPT STYLE TEMPLATE IFRAME OBJECT MENU'.split(' '),
);
const roundRoles = /^(navigation|complementary|contentinfo|search|dialog|alertdialog|menu|tooltip)$/;
const roundNames =
  /(^|[\s_-])(nav|menu|modal|popup|overlay|cookies?|consent|gdpr|newsletter|subscribe|comments?|disqus|related|recommend(ed|ations)?|sidebar|breadcrumbs?|share|social|login|signup|promo|advert(isement)?|sponsored|tooltip)([\s_-]|$)/i;

/** Whether an element is one that pages put around their articles. */
export const isAround = (element: DomElement): boolean =>
  standsAround(element.nodeName, (name) => element.getAttribute(name));

/** The same of an element that is known by its name, in capitals, and its attributes. */
export function standsAround(name: string, attribute: (name: string) => string | null): boolean {
  if (name === 'BODY' || name === 'HTML' || name === 'ARTICLE') return false;
  if (around.has(name) || roundRoles.test(attribute('role') ?? '')) return true;
  return roundNames.test(
    `${(attribute('class') ?? '').slice(0, 300)} ${(attribute('id') ?? '').slice(0, 100)}`,
  );
}

/** How much running text a line is; 0 for what is none. */
export function weighProse({ text, linked }: Pick<Line, 'text' | 'linked'>): number {
  if (linked > mostLinked * text.length) return 0;
  const weight = weighLetters(text);
  return weight < shortestProse ? 0 : weight;
}

/** How much running text each element has, of these lines of what stands under `root`. */
export function proseWeights(lines: readonly Line[], root: DomElement): Map<DomNode, number> {
  const weights = new Map<DomNode, number>();
  for (const line of lines) {
    const weight = weighProse(line);
    if (weight === 0) continue;
    for (let node: DomNode | null = line.block; node; node = node === root ? null : node.parentNode) {
      weights.set(node, (weights.get(node) ?? 0) + weight);
    }
  }
  return weights;
}
