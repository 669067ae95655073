import { inLine, isRecord } from '../shared/value-view.js';

interface Given {
  example: unknown;
  /** The newest first. */
  last: readonly unknown[];
  onTake(input: unknown): void;
}

/** Characters of an input that tell it from others. */
const shown = 48;

/** The texts of an input, which are what a person knows it by. */
function toldBy(input: unknown): string {
  const texts = isRecord(input) ? Object.values(input).filter((value) => typeof value === 'string') : [];
  const text = texts.join(', ') || inLine(input);
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}

/** What a form can be filled with: the example of its type, and what was submitted before at this browser. */
export function Templates({ example, last, onTake }: Given) {
  return (
    <section className="templates" aria-label="Templates">
      <button type="button" className="button" onClick={() => onTake(example)}>
        Fill in the example
      </button>
      {last.map((input, index) => (
        <button
          key={JSON.stringify(input)}
          type="button"
          className="button template"
          title={JSON.stringify(input, null, 2)}
          onClick={() => onTake(input)}
        >
          <span className="quiet">{index === 0 ? 'Last' : `Last but ${index}`}</span> {toldBy(input)}
        </button>
      ))}
    </section>
  );
}
