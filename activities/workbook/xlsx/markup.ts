import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { StepFailure } from '../../frame/step-failure.js';

/** What is told of a text of XML as it is read. */
export interface Handlers {
  open?: (name: string, tag: SaxesTagPlain) => void;
  text?: (text: string) => void;
  close?: (name: string, tag: SaxesTagPlain) => void;
  comment?: (comment: string) => void;
  /** Of the XML itself: its version and the like. */
  declaration?: () => void;
}

/** Nested deeper than any part of a workbook is. */
const deepest = 100;

/** Characters of one tag, one text or one comment, which the parser holds as a whole. */
const longest = 1_000_000;

export interface MarkupReader {
  write(text: string): void;
  close(): void;
}

/**
 * A reader that is fed pieces of XML. Names come without their prefix. No entity but XML's own is unfolded.
 * @throws whatever is wrong with the text, at `write` or `close`, and {StepFailure} file-beyond-limit
 */
export function markupReader({ open, text, close, comment, declaration }: Handlers): MarkupReader {
  const parser = new SaxesParser({ xmlns: false });
  let depth = 0;
  let toldUpTo = 0;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('the XML declares a document type');
  });
  parser.on('opentag', (tag) => {
    toldUpTo = parser.position;
    depth += 1;
    if (depth > deepest) throw new Error('the XML is nested too deep');
    open?.(localName(tag.name), tag);
  });
  parser.on('closetag', (tag) => {
    toldUpTo = parser.position;
    depth -= 1;
    close?.(localName(tag.name), tag);
  });
  if (text) {
    parser.on('text', text);
    parser.on('cdata', text);
  }
  if (comment) parser.on('comment', comment);
  if (declaration) parser.on('xmldecl', declaration);
  return {
    write(piece) {
      parser.write(piece);
      if (parser.position - toldUpTo <= longest) return;
      throw new StepFailure('file-beyond-limit', `The XML goes on for ${longest} characters without a tag.`);
    },
    close: () => void parser.close(),
  };
}

const localName = (name: string): string => {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
};

/** An attribute, whatever its prefix. */
export function attribute({ attributes }: SaxesTagPlain, name: string): string | undefined {
  const exact = attributes[name];
  if (exact !== undefined) return exact;
  const key = Object.keys(attributes).find((one) => one.endsWith(`:${name}`));
  return key === undefined ? undefined : attributes[key];
}

/** Reads a text that is there as a whole. */
export function readMarkup(text: string, handlers: Handlers): void {
  const reader = markupReader(handlers);
  for (let at = 0; at < text.length; at += pieceLength) reader.write(text.slice(at, at + pieceLength));
  reader.close();
}

/** Characters that are read at once. */
const pieceLength = 64 * 1024;

/** Excel writes what XML cannot hold as _x000B_. */
export const decodeEscapes = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;

/** What Excel reads as the same text again. What is no character at all becomes U+FFFD. */
export const encodeEscapes = (text: string): string =>
  text
    .toWellFormed()
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\u0000-\u0008\u000B\u000C\u000D\u000E-\u001F\uFFFE\uFFFF]/g, (character) => {
      const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      return `_x${code}_`;
    });

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Most texts have none of them, and to look is faster than to replace. */
export const escapeText = (text: string): string =>
  /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (one) => escapes[one]!) : text;
export const escapeAttribute = (text: string): string =>
  /[&<>"\n\r\t]/.test(text) ? text.replace(/[&<>"\n\r\t]/g, (one) => escapes[one]!) : text;
