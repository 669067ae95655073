import { parseHTML } from 'linkedom';

/** What is used of the DOM. Its own types are those of browsers, and would bring `window` into every file here. */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  readonly parentNode: DomElement | null;
}

export interface DomElement extends DomNode {
  readonly children: readonly DomElement[];
  readonly id: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selectors: string): DomElement | null;
  querySelectorAll(selectors: string): readonly DomElement[];
  matches(selectors: string): boolean;
  closest(selectors: string): DomElement | null;
  contains(node: DomNode): boolean;
  appendChild(node: DomNode): void;
  insertBefore(node: DomNode, before: DomNode | null): void;
  remove(): void;
}

export interface DomDocument {
  readonly documentElement: DomElement;
  readonly head: DomElement;
  readonly body: DomElement;
  createElement(name: string): DomElement;
  createTextNode(text: string): DomNode;
  createComment(text: string): DomNode;
  querySelector(selectors: string): DomElement | null;
  querySelectorAll(selectors: string): readonly DomElement[];
}

export const textNode = 3;
export const elementNode = 1;

export const isElement = (node: DomNode): node is DomElement => node.nodeType === elementNode;

/** No scripts run and nothing is fetched. */
export const emptyDocument = (): DomDocument =>
  (parseHTML('<!doctype html><html><head></head><body></body></html>') as { document: DomDocument }).document;
