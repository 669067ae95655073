import type { Scripts } from './scripts.js';

/** A text that a page carries beside what it shows. */
export interface Carried {
  /** Text, or HTML. */
  body: string;
  title: string | null;
}

const structured = /^application\/ld\+json/;
/** Under which pages keep their article's text in the data of their scripts. */
const bodyNames =
  /^(article_?body|body(_?(html|text))?|content(_?(html|rendered))?|(__)?html|rendered|text)$/i;
const titleNames = /^(headline|title|name)$/i;

const mostValues = 200_000;

/**
 * The longest text that a page carries as data: what JSON-LD calls its `articleBody`, or the state that its scripts
 * draw it from. Null when there is none, and when the page says that it is not free to read.
 */
export function carriedText({ data, flight }: Pick<Scripts, 'data' | 'flight'>): Carried | null {
  const found = data.flatMap(({ type, json }) => {
    const value = parse(json);
    return value === undefined ? [] : textsIn(value, structured.test(type));
  });
  for (const value of flight.data) found.push(...textsIn(value, false));
  return found.reduce<Carried | null>(
    (best, one) => (one.body.length > (best?.body.length ?? 0) ? one : best),
    null,
  );
}

/** Pages write line breaks into strings, wrap JSON into comments, and end it with a semicolon. */
function parse(json: string): unknown {
  const bare = json
    .replaceAll(/<!--|-->|\/\*\s?<!\[CDATA\[\s?\*\/|\/\*\s?\]\]>\s?\*\/|<!\[CDATA\[|\]\]>/g, '')
    .replaceAll(/[\u0000-\u001f]/g, ' ')
    .trim()
    .replace(/;$/, '');
  try {
    return JSON.parse(bare);
  } catch {
    // SyntaxError: data that a page's own scripts could not read either.
    return undefined;
  }
}

function textsIn(root: unknown, isStructured: boolean): Carried[] {
  const found: Carried[] = [];
  const todo: unknown[] = [root];
  for (let seen = 0; todo.length > 0 && seen < mostValues; seen += 1) {
    const value = todo.pop();
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.entries(value);
    const isPaid = entries.some(
      ([name, said]) => name === 'isAccessibleForFree' && /^(false|no)$/i.test(String(said)),
    );
    if (isPaid && isStructured) continue;
    const titles = entries.flatMap(([name, said]) =>
      titleNames.test(name) && typeof said === 'string' ? [said] : [],
    );
    for (const [name, inside] of entries) {
      if (typeof inside !== 'string') todo.push(inside);
      else if ((isStructured ? /^(articleBody|text)$/ : bodyNames).test(name)) {
        found.push({ body: inside, title: titles[0] ?? null });
      }
    }
  }
  return found;
}
