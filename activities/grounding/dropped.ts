/** What can be wrong with a part of an answer, and how a person is told of it. */
const kinds = {
  absent: { one: 'word', what: 'not in the text' },
  sentence: { one: 'whole sentence', what: 'not a word' },
  foreign: { one: 'example', what: 'not said in the text' },
  repeated: { one: 'translation', what: 'only the word again' },
} as const;

type Kind = keyof typeof kinds;

const mostNamed = 3;
/** Characters of each. */
const longestNamed = 40;

const shortened = (text: string): string =>
  Array.from(text).length > longestNamed ? `${Array.from(text).slice(0, longestNamed).join('')}…` : text;

/** Keeps count of what is taken out of an answer, for the notes of the step. */
export class Dropped {
  /** What is said again is told once. */
  private readonly found = new Map<Kind, Set<string>>();

  /** @param text as it was said; on one line and without hidden characters */
  add(kind: Kind, text: string): void {
    const texts = this.found.get(kind) ?? new Set<string>();
    this.found.set(kind, texts.add(text));
  }

  /** One sentence for each kind. */
  notes(): string[] {
    return [...this.found].map(([kind, all]) => {
      const texts = [...all];
      const { one, what } = kinds[kind];
      const named = texts.slice(0, mostNamed).map((text) => `"${shortened(text)}"`);
      const more = texts.length > mostNamed ? ` and ${texts.length - mostNamed} more` : '';
      const count = `${texts.length} ${one}${texts.length === 1 ? '' : 's'}`;
      return `Dropped ${count}, ${what}: ${named.join(', ')}${more}.`;
    });
  }
}
