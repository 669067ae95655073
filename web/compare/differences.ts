import { inLine, isRecord } from '../shared/value-view.js';

/** Places of a value that hold something, by where they stand: "words 3, translation". */
function leaves(value: unknown, at = ''): Map<string, string> {
  const entries = Array.isArray(value)
    ? value.map((one, index): [string, unknown] => [`${at} ${index + 1}`.trim(), one])
    : isRecord(value)
      ? Object.entries(value).map(([name, one]): [string, unknown] => [
          at === '' ? name : `${at}, ${name}`,
          one,
        ])
      : null;
  if (entries === null) return new Map([[at, inLine(value)]]);
  return new Map(entries.flatMap(([place, one]) => [...leaves(one, place)]));
}

export interface Difference {
  at: string;
  /** Null where there is nothing at this place. */
  left: string | null;
  right: string | null;
}

/** Where two results say different things, and how many places say the same. */
export function differences(left: unknown, right: unknown): { differ: Difference[]; same: number } {
  const [ours, theirs] = [leaves(left), leaves(right)];
  const places = [...new Set([...ours.keys(), ...theirs.keys()])];
  const differ = places
    .map((at) => ({ at, left: ours.get(at) ?? null, right: theirs.get(at) ?? null }))
    .filter((one) => one.left !== one.right);
  return { differ, same: places.length - differ.length };
}
