/** Where JSON first stands deeper than so many levels; null when it does not. A megabyte nests as deep as no stack goes. */
export function deepPlace(value: unknown, levels: number): string[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return [];
  for (const [index, child] of Object.values(value).entries()) {
    const deep = deepPlace(child, levels - 1);
    // Names are looked up where one is needed: a megabyte has several hundred thousand.
    if (deep !== null) return [Object.keys(value)[index] ?? '', ...deep];
  }
  return null;
}
