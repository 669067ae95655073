/** Characters. Most file systems take 255 bytes. */
const longest = 200;

/** Controls, and what turns the direction of text: "cod.exe" must not look like "exe.doc". */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
  return shortened(shown) || 'file';
}

/** "xlsx" of "a.b.XLSX"; empty without one. */
export const extensionOf = (name: string): string =>
  /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** Its ending stays: programs go by it. */
function shortened(name: string): string {
  const letters = Array.from(name);
  if (letters.length <= longest) return name;
  const extension = extensionOf(name);
  const ending = extension === '' ? '' : `.${extension}`;
  return letters.slice(0, longest - ending.length).join('') + ending;
}
