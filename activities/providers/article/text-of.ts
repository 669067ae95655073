import { cleanLine } from './clean-text.js';
import type { DomNode } from './dom.js';

const textNode = 3;
const elementNode = 1;

const inline = new Set(
  (
    'A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK Q RUBY RB S SAMP SMALL SPAN ' +
    'STRIKE STRONG SUB SUP TIME TT U VAR WBR'
  ).split(' '),
);

/** Ruby repeats the word in another script, glued to it. */
const leftOut = new Set(['RT', 'RP', 'RTC']);

const isFootnoteMark = (node: DomNode): boolean =>
  node.nodeName === 'SUP' && /^\s*\[[^\]]{1,8}\]\s*$/.test(node.textContent ?? '');

export interface Text {
  /** A line for each paragraph, heading, list item or table cell. */
  text: string;
  /** How much of it is inside links, 0 to 1. */
  linkShare: number;
}

/** The text of an element as it is read: paragraphs on lines of their own, where `textContent` would glue them. */
export function textOf(root: DomNode): Text {
  const lines: string[] = [];
  let line = '';
  let linked = 0;
  const endLine = (): void => {
    const clean = cleanLine(line);
    if (clean) lines.push(clean);
    line = '';
  };

  const visit = (node: DomNode, inLink: boolean): void => {
    if (node.nodeType === textNode) {
      const text = node.textContent ?? '';
      line += text;
      if (inLink) linked += cleanLine(text).length;
      return;
    }
    if (node.nodeType !== elementNode || leftOut.has(node.nodeName) || isFootnoteMark(node)) return;
    const isBlock = !inline.has(node.nodeName);
    if (isBlock) endLine();
    for (const child of node.childNodes) visit(child, inLink || node.nodeName === 'A');
    if (isBlock) endLine();
  };
  visit(root, false);
  endLine();

  const text = lines.join('\n');
  return { text, linkShare: text.length > 0 ? linked / text.length : 0 };
}
