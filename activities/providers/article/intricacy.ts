/** Elements that have no end, or that end by themselves where the next one begins. */
const withoutEnd = new Set(
  (
    'area base br col embed hr img input link meta param source track wbr ' +
    'p li dt dd tr td th thead tbody tfoot option optgroup colgroup'
  ).split(' '),
);

/** Inside these a "<div>" is only text. */
const rawText: Readonly<Record<string, RegExp>> = {
  script: /<\/script/gi,
  style: /<\/style/gi,
  textarea: /<\/textarea/gi,
  title: /<\/title/gi,
};

/** Start and end tags; long pages of encyclopaedias have some 50,000. */
const mostTags = 150_000;
/** Real pages stay below a hundred. */
const deepestNesting = 1000;

/**
 * Whether a page has more elements, or nests them deeper, than any article, in one pass over the text. Parsing costs
 * memory by the element and time by the square of the depth, so this has to be known before.
 */
export function isTooIntricate(html: string): boolean {
  const tag = /<(\/?)([a-z][a-z0-9-]*)|<!--/gi;
  const open: string[] = [];
  let tags = 0;
  const openByName = new Map<string, number>();
  const close = (): string => {
    const name = open.pop() ?? '';
    openByName.set(name, (openByName.get(name) ?? 1) - 1);
    return name;
  };

  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    const name = match[2]?.toLowerCase();
    tags += 1;
    if (tags > mostTags || open.length > deepestNesting) return true;
    if (name === undefined) {
      const end = html.indexOf('-->', tag.lastIndex);
      if (end < 0) return false;
      tag.lastIndex = end;
    } else if (match[1] === '/') {
      // An end tag of something that is not open is ignored, as the parser does.
      if (openByName.get(name)) while (close() !== name);
    } else if (Object.hasOwn(rawText, name)) {
      const end = rawText[name] ?? /$/g;
      end.lastIndex = tag.lastIndex;
      if (!end.test(html)) return false;
      tag.lastIndex = end.lastIndex;
    } else if (!withoutEnd.has(name)) {
      open.push(name);
      openByName.set(name, (openByName.get(name) ?? 0) + 1);
    }
  }
  return open.length > deepestNesting;
}
