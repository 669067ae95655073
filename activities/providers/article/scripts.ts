import type { DomDocument } from './dom.js';
import { type Flight, flightParts, readFlight } from './flight.js';

/** What the scripts of a page say, as far as it can be seen without running them. */
export interface Scripts {
  /** Words in strings: names of elements, classes and the like. */
  named: ReadonlySet<string>;
  /** Calls that begin with two strings. */
  pairs: [string, string][];
  /** JSON, by whoever it is for. */
  data: { type: string; json: string }[];
  flight: Flight;
}

const mostCharacters = 3_000_000;
const handlers = ['onclick', 'onload', 'onchange', 'onanimationend'];

/** Looked at before anything is taken out of the page. */
export function scriptsOf(document: DomDocument): Scripts {
  const data: Scripts['data'] = [];
  let code = '';
  let stream = '';
  for (const script of document.querySelectorAll('script')) {
    const type = (script.getAttribute('type') ?? '').toLowerCase();
    const text = script.textContent ?? '';
    if (type.includes('json')) data.push({ type, json: text });
    else if (code.length + text.length <= mostCharacters) {
      code += `${text}\n`;
      stream += flightParts(text);
    }
  }
  for (const element of document.querySelectorAll(handlers.map((name) => `[${name}]`).join())) {
    for (const name of handlers) code += `${(element.getAttribute(name) ?? '').slice(0, 1000)}\n`;
  }
  const named = new Set<string>();
  for (const [, text = ''] of code.matchAll(/["'`]([^"'`\\\n]{2,200})["'`]/g)) {
    for (const word of text.split(/[\s.#>,()[\]]+/)) if (word.length > 1) named.add(word);
  }
  const pairs = [...code.matchAll(/\(["']([^"'\n]{1,100})["'],\s{0,2}["']([^"'\n]{1,100})["']/g)].map(
    ([, first = '', second = '']): [string, string] => [first, second],
  );
  return { named, pairs, data, flight: readFlight(stream) };
}
