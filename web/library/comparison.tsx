import { useState } from 'react';
import { diffLines, diffWordsWithSpace } from 'diff';

interface Text {
  version: number;
  text: string;
}

/** In ms. What takes longer differs in so much that a comparison says little. */
const longestMs = 2_000;

/** Characters up to which words are told apart; of longer texts, whole lines. */
const mostForWords = 40_000;

/** Characters around a change; what else both versions say is left out until it is asked for. */
const around = 200;

/** What stands between two changes, shortened in its middle; before the first and after the last one, at its end. */
function shortened(text: string, { first, last }: { first: boolean; last: boolean }): string {
  if (text.length <= 2 * around) return text;
  const begin = first ? '' : `${text.slice(0, around)}\n`;
  return `${begin}[…]${last ? '' : `\n${text.slice(-around)}`}`;
}

/** What one version has that the other has not. The older one is what the newer one is compared with. */
export function Comparison({ of, before }: { of: Text; before: Text }) {
  const [whole, setWhole] = useState(false);
  const [older, newer] = of.version < before.version ? [of, before] : [before, of];
  const within = { timeout: longestMs };
  const changes =
    older.text.length + newer.text.length > mostForWords
      ? diffLines(older.text, newer.text, within)
      : diffWordsWithSpace(older.text, newer.text, within);
  return (
    <section className="panel" aria-labelledby="comparison">
      <h2 id="comparison">
        From version {older.version} to version {newer.version}
      </h2>
      <p>
        <label className="row">
          <input type="checkbox" checked={whole} onChange={({ target }) => setWhole(target.checked)} /> Show
          what is the same, too
        </label>
      </p>
      {changes === undefined && <p>These two have too little in common to be compared.</p>}
      {changes?.every(({ added, removed }) => !added && !removed) && <p>They say the same.</p>}
      {changes && (
        <div className="comparison">
          {changes.map(({ value, added, removed }, index) => {
            if (added) return <ins key={index}>{value}</ins>;
            if (removed) return <del key={index}>{value}</del>;
            const place = { first: index === 0, last: index === changes.length - 1 };
            return <span key={index}>{whole ? value : shortened(value, place)}</span>;
          })}
        </div>
      )}
    </section>
  );
}
