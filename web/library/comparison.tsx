import { diffLines, diffWordsWithSpace } from 'diff';

interface Text {
  version: number;
  text: string;
}

/** In ms. What takes longer differs in so much that a comparison says little. */
const longestMs = 2_000;

/** Characters up to which words are told apart; of longer texts, whole lines. */
const mostForWords = 40_000;

/** What one version has that the other has not. The older one is what the newer one is compared with. */
export function Comparison({ of, before }: { of: Text; before: Text }) {
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
      {changes === undefined && <p>These two have too little in common to be compared.</p>}
      {changes?.every(({ added, removed }) => !added && !removed) && <p>They say the same.</p>}
      {changes && (
        <div className="comparison">
          {changes.map(({ value, added, removed }, index) => {
            if (added) return <ins key={index}>{value}</ins>;
            return removed ? <del key={index}>{value}</del> : <span key={index}>{value}</span>;
          })}
        </div>
      )}
    </section>
  );
}
