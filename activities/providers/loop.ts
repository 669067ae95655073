/** How often a piece has to stand there one after the other. */
const fewestRepeats = 4;

/** Characters at the end that stand there before, where a piece is repeated. That they do not is found out in no time. */
const endCharacters = 32;

/** Whether the last so many characters of a text are one piece over and over. */
export function endsInLoop(text: string, characters: number): boolean {
  if (text.length < characters) return false;
  const last = text.slice(-characters);
  const end = last.slice(-Math.min(endCharacters, Math.floor(characters / 2)));
  if (last.indexOf(end) === last.length - end.length) return false;
  return periodOf(last) <= characters / fewestRepeats;
}

/** The length of the shortest piece that the text repeats from its beginning to its end, by Knuth, Morris and Pratt. */
function periodOf(text: string): number {
  // Of each beginning of the text: the length of the longest other beginning that it ends with.
  const borders = new Uint32Array(text.length);
  let border = 0;
  for (let at = 1; at < text.length; at += 1) {
    const next = text.charCodeAt(at);
    while (border > 0 && text.charCodeAt(border) !== next) border = borders[border - 1] ?? 0;
    if (text.charCodeAt(border) === next) border += 1;
    borders[at] = border;
  }
  return text.length - border;
}
