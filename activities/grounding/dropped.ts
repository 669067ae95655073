/** What can be wrong with a part of an answer, and how a person is told of it. */
const kinds = {
  absent: { one: 'word', what: 'not in the text' },
  sentence: { one: 'whole sentence', what: 'not a word' },
  foreign: { one: 'example', what: 'not said in the text' },
  repeated: { one: 'translation', what: 'only the word again' },
  unasked: { one: 'word', what: 'not asked for' },
  wordless: { one: 'entry', many: 'entries', what: 'not a word' },
  held: { one: 'word', what: 'in the theme already' },
  unknown: { one: 'related theme', what: 'not there' },
} as const satisfies Record<string, { one: string; many?: string; what: string }>;

type Kind = keyof typeof kinds;

const mostNamed = 3;
/** Characters of each. */
const longestNamed = 40;

const shortened = (text: string): string =>
  Array.from(text).length > longestNamed ? `${Array.from(text).slice(0, longestNamed).join('')}…` : text;

/** The first of some texts by name, and how many more there are. */
export function namesOf(texts: readonly string[]): string {
  const named = texts.slice(0, mostNamed).map((text) => `"${shortened(text)}"`);
  return named.join(', ') + (texts.length > mostNamed ? ` and ${texts.length - mostNamed} more` : '');
}

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
      const { one, many = `${one}s`, what }: { one: string; many?: string; what: string } = kinds[kind];
      const count = `${texts.length} ${texts.length === 1 ? one : many}`;
      return `Dropped ${count}, ${what}: ${namesOf(texts)}.`;
    });
  }
}
