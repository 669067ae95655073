/** Bytes in UTF-8. Most file systems take 255, and whoever saves two of a name adds "(1)". */
const longest = 240;

/** Controls, and what turns the direction of text: "cod.exe" must not look like "exe.doc". */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Names that Windows opens as a device, whatever ending they have. */
const device = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i;

/**
 * The last part of what a client calls a file. A name is shown to people and is never a path. It is made harmless all the
 * same, for whoever saves a download under it.
 */
export function fileName(given: string | undefined): string {
  const [last = ''] = (given ?? '').toWellFormed().normalize('NFC').split(/[/\\]/).slice(-1);
  const shown = last
    .replace(unseen, '')
    .replace(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/^\.+|[. ]+$/g, '');
  const name = shortened(shown) || 'file';
  return device.test(name) ? `_${name}` : name;
}

/** "xlsx" of "a.b.XLSX"; empty without one. */
export const extensionOf = (name: string): string =>
  /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** Its ending stays: programs go by it. No letter is cut in two. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const extension = extensionOf(name);
  const ending = extension === '' ? '' : `.${extension}`;
  let left = longest - ending.length;
  const kept: string[] = [];
  for (const letter of name) {
    left -= Buffer.byteLength(letter);
    if (left < 0) break;
    kept.push(letter);
  }
  return kept.join('').replace(/[. ]+$/, '') + ending;
}
