import type { DomDocument, DomElement } from './dom.js';
import { linesOf } from './text-of.js';
import { weighLetters } from './why-no-article.js';

/** As long as a sentence: what teasers link and menus do not. */
const longLine = 60;
const mostLinesOfLink = 2;

/**
 * Takes out anchors that are no links: those without an address, and those that pages forgot to close. Browsers draw
 * one of the latter around the rest of the page, or one around each paragraph, all with the same address.
 */
export function unwrapAnchors(document: DomDocument): void {
  for (const anchor of document.querySelectorAll('a:not([href])')) unwrap(anchor);
  const byAddress = Map.groupBy(document.querySelectorAll('a[href]'), (anchor) =>
    anchor.getAttribute('href'),
  );
  for (const anchors of byAddress.values()) {
    const lines = anchors.flatMap((anchor) => linesOf(anchor));
    if (lines.filter(({ text }) => weighLetters(text) >= longLine).length > mostLinesOfLink)
      anchors.forEach(unwrap);
  }
}

/** Leaves what is in an element in its place. */
export function unwrap(element: DomElement): void {
  for (const child of [...element.childNodes]) element.parentNode?.insertBefore(child, element);
  element.remove();
}
