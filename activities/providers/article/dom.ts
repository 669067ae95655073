import { parseHTML } from 'linkedom';

/** What is used of the DOM. Its own types are those of browsers, and would bring `window` into every file here. */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
}

export interface DomElement extends DomNode {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  append(node: DomNode): void;
  remove(): void;
}

export interface DomDocument {
  readonly head: DomElement;
  createElement(name: string): DomElement;
  querySelector(selectors: string): DomElement | null;
  querySelectorAll(selectors: string): readonly DomElement[];
}

/** No scripts run and nothing is fetched. */
export const parseHtml = (html: string): DomDocument =>
  (parseHTML(html) as { document: DomDocument }).document;
