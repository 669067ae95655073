/** What jobs have made and people keep, by its name in the address. */
export const kinds = {
  words: 'Words',
  documents: 'Documents',
  research: 'Research',
  stories: 'Stories',
  files: 'Files',
} as const;

export type KindName = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as KindName[];

export const kindNamed = (name: string): KindName | undefined => kindNames.find((kind) => kind === name);
