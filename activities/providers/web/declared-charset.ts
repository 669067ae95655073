/**
 * How far into a page a declaration counts. The HTML standard has browsers look at 1024 bytes before they begin, but
 * they also begin anew when they meet one later.
 */
const declarationBytes = 1_000_000;
const longestMeta = 2000;

/** Inside these there is no element. */
const ends: Readonly<Record<string, string>> = {
  '<!--': '-->',
  '<script': '</script',
  '<style': '</style',
  '<title': '</title',
  '<textarea': '</textarea',
};

/** The labels of charsets that a page declares, in one pass over its beginning. */
export function* declaredLabels(body: Buffer): Generator<string> {
  const text = body.toString('latin1', 0, declarationBytes);
  const lowered = text.toLowerCase();
  const xml = /^\s{0,100}<\?xml\b[^>]{0,300}?\bencoding\s{0,9}=\s{0,9}["']([^"'>]{1,100})/i.exec(
    text.slice(0, 1000),
  )?.[1];
  const tag = /<!--|<(?:script|style|title|textarea|meta)(?=[\s/>])/g;
  for (let match = tag.exec(lowered); match; match = tag.exec(lowered)) {
    const [name] = match;
    const end = ends[name];
    if (end === undefined) {
      const meta = lowered.slice(match.index, match.index + longestMeta);
      const close = meta.indexOf('>');
      const label = /\bcharset\s{0,9}=\s{0,9}["']?\s{0,9}([^"'\s/>;]{1,100})/.exec(
        close < 0 ? meta : meta.slice(0, close),
      );
      if (label?.[1]) yield label[1];
    } else {
      const after = lowered.indexOf(end, tag.lastIndex);
      if (after < 0) break;
      tag.lastIndex = after;
    }
  }
  if (xml) yield xml;
}
