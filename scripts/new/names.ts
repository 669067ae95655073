/** One name as each kind of file writes it. */
export interface Names {
  /** As clients send it: `sumUpText`. */
  camel: string;
  /** Of types: `SumUpText`. */
  Pascal: string;
  /** Of files: `sum-up-text`. */
  kebab: string;
  /** For people: `Sum up text`. */
  Title: string;
}

/** Letters and digits, in words that begin with a capital or behind a dash. Null for anything else. */
export function namesOf(given: string): Names | null {
  if (!/^[a-z][A-Za-z0-9]*(-[a-z0-9]+)*$/.test(given) || given.length > 40) return null;
  const words = given.split(/-|(?=[A-Z])/).map((word) => word.toLowerCase());
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  const Pascal = words.map(capital).join('');
  return {
    camel: Pascal.slice(0, 1).toLowerCase() + Pascal.slice(1),
    Pascal,
    kebab: words.join('-'),
    Title: capital(words.join(' ')),
  };
}

export const filledIn = (template: string, names: Names): string =>
  template.replaceAll(/\{\{(camel|Pascal|kebab|Title)\}\}/g, (_, key: keyof Names) => names[key]);
