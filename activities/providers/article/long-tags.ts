/** Pictures as data have some 100,000; attributes that say something have far less. */
const longestTag = 20_000;

/**
 * The page without the attributes of tags that are longer than any that says something: the parser compares each
 * attribute with all before it. One pass.
 */
export function withoutLongTags(html: string): string {
  const kept: string[] = [];
  const tag = /<[a-z][a-z0-9-]*/gi;
  let from = 0;
  let close = -1;
  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    const end = tag.lastIndex;
    if (close < end) close = html.indexOf('>', end);
    if (close < 0) break;
    // What has another tag in it is a script that compares, and no tag.
    if (close - end <= longestTag || html.lastIndexOf('<', close) !== match.index) continue;
    kept.push(html.slice(from, end));
    from = close;
  }
  return kept.length === 0 ? html : kept.join('') + html.slice(from);
}
