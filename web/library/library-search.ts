/** What of a list is wanted, as the address bar says it. Each kind of thing reads what it has. */
export interface LibrarySearch {
  search?: string | undefined;
  sourceLang?: string | undefined;
  targetLang?: string | undefined;
  theme?: string | undefined;
  partOfSpeech?: string | undefined;
  documentKind?: 'cv' | 'coverLetter' | undefined;
  applicationId?: string | undefined;
  page?: string | undefined;
}

/** Which version of a thing is shown, and which it is compared with. */
export interface ThingSearch {
  version?: number | undefined;
  with?: number | undefined;
}

const text = (value: unknown): string | undefined =>
  // The router takes what reads like a number for one.
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

/** What somebody has typed there and nothing can make of is passed over. */
export const toLibrarySearch = (search: Record<string, unknown>): LibrarySearch => ({
  search: text(search['search']),
  sourceLang: text(search['sourceLang']),
  targetLang: text(search['targetLang']),
  theme: text(search['theme']),
  partOfSpeech: text(search['partOfSpeech']),
  documentKind: (['cv', 'coverLetter'] as const).find((kind) => kind === search['documentKind']),
  applicationId: text(search['applicationId']),
  page: text(search['page']),
});

const version = (value: unknown): number | undefined =>
  Number.isInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined;

export const toThingSearch = (search: Record<string, unknown>): ThingSearch => ({
  version: version(search['version']),
  with: version(search['with']),
});
