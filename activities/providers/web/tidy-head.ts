const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

interface Header {
  name: string;
  value: string;
}

/**
 * The head of an answer as browsers take it. Lines that are no header are passed over, control characters are dropped,
 * and a length that is said twice is one length. Each request has a connection of its own, so that an answer which is
 * read wrongly can spoil no other.
 *
 * @param head in Latin-1
 * @throws {Error} with the code of the parser, for lengths that disagree
 */
export function tidyHead(head: string): string {
  const [status = '', ...lines] = head.replace(/[\r\n]+$/, '').split(/\r?\n/);
  const headers = unfold(lines).flatMap((line) => parseHeader(line) ?? []);
  const kept = framed(headers).map(({ name, value }) => `${name}: ${value}`);
  return `${[printable(status), ...kept].join('\r\n')}\r\n\r\n`;
}

/** Lines that begin with a space go on from the line before. */
function unfold(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line) && whole.length > 0) whole.push(`${whole.pop() ?? ''} ${line.trim()}`);
    else whole.push(line);
  }
  return whole;
}

const printable = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '').trim();

function parseHeader(line: string): Header | null {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trim();
  return token.test(name) ? { name, value: printable(line.slice(colon + 1)) } : null;
}

const is = (name: string) => (header: Header) => header.name.toLowerCase() === name;

/** One way of telling where the body ends; chunks tell it better than a length. */
function framed(headers: readonly Header[]): Header[] {
  const lengths = headers
    .filter(is('content-length'))
    .flatMap(({ value }) => value.split(',').map((one) => one.trim()));
  const codings = headers
    .filter(is('transfer-encoding'))
    .flatMap(({ value }) =>
      value
        .toLowerCase()
        .split(',')
        .map((one) => one.trim()),
    )
    .filter((coding) => coding !== '' && coding !== 'identity');
  const rest = headers.filter(
    (header) => !['content-length', 'transfer-encoding', 'upgrade'].some((name) => is(name)(header)),
  );
  if (codings.length > 0) {
    return [...rest, { name: 'transfer-encoding', value: [...new Set(codings)].join(', ') }];
  }
  const [value, another] = new Set(lengths);
  if (another !== undefined) {
    throw Object.assign(new Error('two lengths'), { code: 'HPE_UNEXPECTED_CONTENT_LENGTH' });
  }
  return value === undefined ? rest : [...rest, { name: 'content-length', value }];
}
