import { type DomDocument, type DomElement, type DomNode, isElement } from './dom.js';
import { endOfFallback } from './parse-html.js';
import { unwrap } from './links.js';
import type { Scripts } from './scripts.js';

/**
 * Puts parts of a streamed page where its scripts would. Frameworks send the shell first. Each part follows in a hidden
 * element or a template, with a call that names both. The roots of components stand in templates as well.
 */
export function moveParts(document: DomDocument, scripts: Scripts): void {
  for (const root of document.querySelectorAll('template[shadowrootmode], template[shadowroot]')) {
    unwrap(root);
  }
  const byId = new Map<string, DomElement>();
  for (const element of document.querySelectorAll('[id]')) {
    if (!byId.has(element.id)) byId.set(element.id, element);
  }
  for (const [first, second] of scripts.pairs) {
    const [one, other] = [byId.get(first), byId.get(second)];
    if (!one || !other || one === other) continue;
    if (isPlace(one)) move(other, one);
    else if (isPlace(other)) move(one, other);
  }
  for (const [id, part] of byId) {
    if (part.nodeName !== 'TEMPLATE' || isPlace(part)) continue;
    const place = byId.get(part.getAttribute('for') ?? `pl-${id}`);
    if (place) move(part, place);
    else if (scripts.named.has(id)) unwrap(part);
  }
}

const isPlace = (element: DomElement): boolean =>
  element.nodeName === 'TEMPLATE' && element.firstChild === null;

function move(part: DomElement, place: DomElement): void {
  if (part.contains(place)) return;
  const parent = place.parentNode;
  if (!parent) return;
  for (const child of [...part.childNodes]) parent.insertBefore(child, place);
  removeFallback(place);
  part.remove();
  place.remove();
}

/** Only where it has an end: without one it may be the rest of the page. */
function removeFallback(place: DomElement): void {
  const fallback: DomElement[] = [];
  for (let node: DomNode | null = place.nextSibling; node; node = node.nextSibling) {
    if (isElement(node)) fallback.push(node);
    else if (node.nodeName === '#comment' && node.textContent === endOfFallback) {
      for (const element of fallback) element.remove();
      return;
    }
  }
}
