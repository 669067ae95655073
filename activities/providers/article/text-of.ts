import { cleanLine } from './clean-text.js';
import { type DomElement, type DomNode, elementNode, isElement, textNode } from './dom.js';

const inline = new Set(
  (
    'A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK NOBR Q RUBY RB S SAMP SLOT SMALL ' +
    'SPAN STRIKE STRONG SUB SUP TIME TT U VAR WBR'
  ).split(' '),
);

/** Whether an element of this name, in any case, stands within a line. */
export const isInline = (name: string): boolean => inline.has(name.toUpperCase());

/** Ruby repeats the word in another script, glued to it. */
const leftOut = new Set(['RT', 'RP', 'RTC']);

const footnoteMark = /^\s*\[[^\]]{1,8}\]\s*$/;
const longestFootnoteMark = 40;

const isFootnoteMark = (text: string): boolean =>
  text.length <= longestFootnoteMark && footnoteMark.test(text);

/** A paragraph, heading, list item or table cell. */
export interface Line {
  text: string;
  /** How many characters of it are inside links. */
  linked: number;
  /** The innermost block that it stands in. */
  block: DomNode;
}

export interface Text {
  lines: Line[];
  /** A line for each paragraph. */
  text: string;
  /** How much of it is inside links, 0 to 1. */
  linkShare: number;
}

/**
 * The text of an element as it is read: paragraphs on lines of their own, where `textContent` would glue them.
 *
 * @param isPassedOver elements whose text is left out
 */
export function linesOf(root: DomNode, isPassedOver: (element: DomElement) => boolean = () => false): Line[] {
  const lines: Line[] = [];
  let line = '';
  let linked = 0;
  let block = root;
  const endLine = (): void => {
    const text = cleanLine(line);
    if (text) lines.push({ text, linked, block });
    line = '';
    linked = 0;
  };

  const visit = (node: DomNode, { inLink, inSup }: { inLink: boolean; inSup: boolean }): void => {
    if (node.nodeType === textNode) {
      const text = node.textContent ?? '';
      line += text;
      if (inLink) linked += cleanLine(text).length;
      return;
    }
    if (!isElement(node) || leftOut.has(node.nodeName) || isPassedOver(node)) return;
    const isSup = node.nodeName === 'SUP';
    // Only of the outermost one: to ask for the text of each that is nested would cost the square of their number.
    if (isSup && !inSup && isFootnoteMark(node.textContent ?? '')) return;
    const outer = block;
    const isBlock = !isInline(node.nodeName);
    if (isBlock) {
      endLine();
      block = node;
    }
    const inside = { inLink: inLink || node.nodeName === 'A', inSup: inSup || isSup };
    for (const child of node.childNodes) visit(child, inside);
    if (isBlock) {
      endLine();
      block = outer;
    }
  };
  if (root.nodeType === elementNode || root.nodeType === textNode)
    visit(root, { inLink: false, inSup: false });
  endLine();
  return lines;
}

export function asText(lines: Line[]): Text {
  const text = lines.map((line) => line.text).join('\n');
  const linked = lines.reduce((sum, line) => sum + line.linked, 0);
  return { lines, text, linkShare: text.length > 0 ? linked / text.length : 0 };
}

export const textOf = (root: DomNode): Text => asText(linesOf(root));
