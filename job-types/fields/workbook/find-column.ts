/**
 * Where a column is; null where there is none of that name. A name that is exactly a column's means that one. Otherwise
 * case and outer spaces do not count, as long as only one column can be meant.
 */
export function placeOf(name: string, columns: readonly string[]): number | null {
  const exact = columns.indexOf(name);
  if (exact !== -1) return exact;
  const plain = simple(name);
  const places = columns.flatMap((column, place) => (simple(column) === plain ? [place] : []));
  return places.length === 1 ? places[0]! : null;
}

const simple = (name: string): string => name.trim().toLowerCase();
