/** Entries of a page. */
const limit = 200;

/** All of what a store gives in pages, for a system whose lists have none. */
export async function everyPage<T extends { id: string }>(
  read: (page: { before: string | undefined; limit: number }) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (let before: string | undefined; ; before = all.at(-1)?.id) {
    const page = await read({ before, limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}
