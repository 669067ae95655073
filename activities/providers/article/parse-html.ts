import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { withoutLongTags } from './long-tags.js';
import { type DomDocument, type DomNode, emptyDocument } from './dom.js';

type Parsed = DefaultTreeAdapterMap['node'];
type ParsedElement = DefaultTreeAdapterMap['element'];

export interface ParsedPage {
  document: DomDocument;
  /** What stands inside `noscript`, which browsers that run scripts take for text. */
  noscript: string[];
}

/** A comment that means something: how React marks the end of what is shown until a part arrives. */
export const endOfFallback = '/$';

/** Drawings and formulas have texts of their own, which are no part of a sentence. */
const drawn = new Set(['svg', 'math']);

/**
 * The page as browsers build it: what is not closed is closed where they close it, and misplaced elements stand where
 * they put them. The tree is then copied to the DOM that the libraries here work on.
 */
export function parseHtml(html: string): ParsedPage {
  const document = emptyDocument();
  const noscript: string[] = [];
  const root = parse(withoutLongTags(html)).childNodes.find(isParsedElement);
  for (const { name, value } of root?.attrs ?? []) document.documentElement.setAttribute(name, value);
  const todo: [from: ParsedElement, to: DomNode & { appendChild(node: DomNode): void }][] = [];
  for (const part of root?.childNodes.filter(isParsedElement) ?? []) {
    const to = part.tagName === 'head' ? document.head : document.body;
    if (to === document.body) copyAttributes(part, document.body);
    todo.push([part, to]);
  }
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [from, to] = next;
    for (const child of childrenOf(from)) {
      if (child.nodeName === '#text' && 'value' in child) {
        to.appendChild(document.createTextNode(child.value));
      } else if (child.nodeName === '#comment' && 'data' in child && child.data === endOfFallback) {
        to.appendChild(document.createComment(child.data));
      } else if (isParsedElement(child)) {
        if (child.tagName === 'noscript') noscript.push(textIn(child));
        else if (!drawn.has(child.tagName)) {
          const element = document.createElement(child.tagName);
          copyAttributes(child, element);
          to.appendChild(element);
          todo.push([child, element]);
        }
      }
    }
  }
  return { document, noscript };
}

const isParsedElement = (node: Parsed): node is ParsedElement => 'tagName' in node;

const isTemplate = (element: ParsedElement): element is DefaultTreeAdapterMap['template'] =>
  'content' in element;

const childrenOf = (element: ParsedElement): Parsed[] =>
  isTemplate(element) ? element.content.childNodes : element.childNodes;

const textIn = (element: ParsedElement): string =>
  element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');

/** Setting an attribute takes as long as there are others. */
const mostAttributes = 64;
const wanted = new Set(['class', 'id', 'style', 'hidden', 'aria-hidden', 'href', 'lang']);

function copyAttributes(
  { attrs }: ParsedElement,
  to: { setAttribute(name: string, value: string): void },
): void {
  const copied = attrs.length <= mostAttributes ? attrs : attrs.filter(({ name }) => wanted.has(name));
  for (const { name, value } of copied) to.setAttribute(name, value);
}
