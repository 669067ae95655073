import { isRecord } from '../../job-types/contract/is-record.js';

/** A text with more than so many pieces of JSON in it does not answer with one of them. */
const mostSpans = 50;

/**
 * The values that a text may be meant to say, the likeliest first. That is the text itself, then the JSON in it,
 * what was said last before the rest. Models put reasoning, fences and stray tokens around it. Takes time in proportion to the text.
 */
export function* jsonIn(text: string): Generator<unknown> {
  const trimmed = unfenced(text.trim());
  const whole = parsed(trimmed);
  if (whole !== undefined) {
    yield whole;
    yield* inside(whole);
    return;
  }
  for (const span of spansOf(trimmed).slice(-mostSpans).toReversed()) {
    const value = parsed(span) ?? parsed(mended(span));
    if (value === undefined) continue;
    yield value;
    yield* inside(value);
  }
}

/** What stands in a wrapper of few entries: {"answer": {...}}, or the call of a tool that nobody offered. */
function* inside(value: unknown): Generator<unknown> {
  if (!isRecord(value)) return;
  const entries = Object.values(value);
  if (entries.length > 3) return;
  for (const entry of entries) {
    const json = typeof entry === 'string' && entry.trimStart().startsWith('{') ? parsed(entry) : entry;
    if (isRecord(json)) yield json;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not this one: whoever asked goes on to the next.
    return undefined;
  }
}

/** The text between a fence at its beginning and one at its end. */
function unfenced(text: string): string {
  if (!text.startsWith('```')) return text;
  const line = text.indexOf('\n');
  if (line < 0) return text;
  const inner = text.slice(line + 1).trimEnd();
  return (inner.endsWith('```') ? inner.slice(0, -3) : inner).trim();
}

/** Objects and arrays that stand in a text, none of them within another. One that never ends is the last. */
function spansOf(text: string): string[] {
  const spans: string[] = [];
  for (let at = nextBegin(text, 0); at >= 0;) {
    const end = endOf(text, at);
    if (end < 0) break;
    spans.push(text.slice(at, end));
    at = nextBegin(text, end);
  }
  return spans;
}

const begins = /[{[]/g;
/** Behind a brace or a bracket of JSON, and hardly ever behind one of prose. */
const begun = /\s*(?:["{[\]}\-\d]|true|false|null)/y;

function nextBegin(text: string, from: number): number {
  begins.lastIndex = from;
  for (let found = begins.exec(text); found; found = begins.exec(text)) {
    begun.lastIndex = found.index + 1;
    if (begun.test(text)) return found.index;
  }
  return -1;
}

/** Behind the bracket that closes the one that stands there; -1 when it is never closed. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const pythons: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };
const token = /"[^"\\]*(?:\\[^][^"\\]*)*"|,(?=\s*[}\]])|\b(?:True|False|None)\b/g;

/** As JSON wants it: line ends in texts escaped, no comma behind the last, and no words of Python. */
const mended = (span: string): string =>
  span.replace(token, (found) => {
    if (found === ',') return '';
    if (!found.startsWith('"')) return pythons[found] ?? found;
    return found.replace(/[\u0000-\u001F]/g, (control) => escapes[control] ?? '');
  });
