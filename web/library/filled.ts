import { isRecord } from '../shared/value-view.js';

/** Without what says nothing: empty texts, lists and groups. Undefined when nothing is left. */
export function filled(value: unknown): unknown {
  if (Array.isArray(value)) {
    const left = value.map(filled).filter((one) => one !== undefined);
    return left.length === 0 ? undefined : left;
  }
  if (isRecord(value)) {
    const left = Object.entries(value).flatMap(([name, one]) => {
      const kept = filled(one);
      return kept === undefined ? [] : [[name, kept] as const];
    });
    return left.length === 0 ? undefined : Object.fromEntries(left);
  }
  return value === '' || value === null || value === false ? undefined : value;
}
