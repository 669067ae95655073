import { isRecord } from '../../../job-types/contract/is-record.js';

/** How pages of Next.js carry what their components are drawn from: the string of each call is a part of one stream. */
const call = '__next_f.push(';

/** Elements that are seldom part of an article. */
const around = new Set([
  'nav',
  'header',
  'footer',
  'aside',
  'script',
  'style',
  'svg',
  'form',
  'button',
  'template',
]);
const empty = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);
const deepest = 200;

/** The parts of the stream that a script says. */
export function flightParts(code: string): string {
  let parts = '';
  for (const piece of code.split(call).slice(1)) {
    const json = piece.slice(0, piece.lastIndexOf(')'));
    try {
      const said: unknown = JSON.parse(json);
      if (Array.isArray(said) && said[0] === 1 && typeof said[1] === 'string') parts += said[1];
    } catch {
      // SyntaxError: the call is made with something else than data.
    }
  }
  return parts;
}

export interface Flight {
  /** What components are given, with the texts it refers to in their places. */
  data: unknown[];
  /** The longest tree of elements, as HTML; empty when there is none. */
  drawn: string;
}

/** What a stream of React's own format holds. */
export function readFlight(stream: string): Flight {
  const { texts, rows } = rowsOf(stream);
  const known = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.startsWith('$') ? (texts.get(value.slice(1)) ?? value) : value;
  const data: unknown[] = [...texts.values()].map((text) => ({ text }));
  let drawn = '';
  for (const row of rows) {
    try {
      const value: unknown = JSON.parse(row, known);
      data.push(value);
      const html = htmlOf(value, 0);
      if (html.length > drawn.length) drawn = html;
    } catch {
      // SyntaxError: a row of another kind, such as what is to be loaded.
    }
  }
  return { data, drawn };
}

/** Texts, which say how many bytes they have, and rows of JSON, which end with their line. */
function rowsOf(stream: string): { texts: Map<string, string>; rows: string[] } {
  const bytes = Buffer.from(stream);
  const texts = new Map<string, string>();
  const rows: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const colon = bytes.indexOf(':', at);
    if (colon < 0) break;
    const [begin, length] = /^T([\da-f]{1,8}),/.exec(bytes.toString('latin1', colon + 1, colon + 11)) ?? [];
    if (begin === undefined || length === undefined) {
      const end = bytes.indexOf('\n', colon);
      at = end < 0 ? bytes.length : end + 1;
      rows.push(bytes.toString('utf8', colon + 1, at));
    } else {
      const id = bytes.toString('latin1', at, colon).trim();
      const from = colon + 1 + begin.length;
      at = from + Number.parseInt(length, 16);
      texts.set(id, bytes.toString('utf8', from, at));
    }
  }
  return { texts, rows };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Of elements written as ["$", name, key, properties]; what refers to other rows is left out. */
function htmlOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.startsWith('$') ? '' : escaped(value);
  if (!Array.isArray(value) || depth > deepest) return '';
  const [mark, name, , properties] = value as unknown[];
  if (mark !== '$') return value.map((one) => htmlOf(one, depth + 1)).join('');
  if (typeof name !== 'string' || around.has(name) || !isRecord(properties)) return '';
  const set = properties['dangerouslySetInnerHTML'];
  const html = isRecord(set) ? set['__html'] : undefined;
  const inside = typeof html === 'string' ? html : htmlOf(properties['children'], depth + 1);
  return name.startsWith('$') || empty.has(name) ? inside : `<${name}>${inside}</${name}>`;
}
