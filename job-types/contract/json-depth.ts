/** Where JSON first stands deeper than so many levels; null when it does not. A megabyte nests as deep as no stack goes. */
export function deepPlace(value: unknown, levels: number): string[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return [];
  for (const [key, child] of Object.entries(value)) {
    const deep = deepPlace(child, levels - 1);
    if (deep !== null) return [key, ...deep];
  }
  return null;
}
