import { sentenceCase, words } from '../shared/shown.js';
import { isRecord } from '../shared/value-view.js';
import type { Draft, Entry } from './draft.js';

/** What of a value is otherwise than proposed: a field, as it was and as it is. */
export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
}

export interface Change {
  kind: 'added' | 'changed' | 'moved' | 'removed';
  /** Names what it is about. */
  what: string;
  differences: readonly Difference[];
  /** Of what was dropped: the list it was in, and its place there. */
  dropped?: { list: string; from: number; value: unknown };
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const named = (path: string, name: string): string =>
  path === '' ? sentenceCase(words(name)) : `${path}, ${words(name)}`;

/** Field by field, as deep as both are made alike. An empty field is no other than one that is not there. */
export function differencesOf(before: unknown, after: unknown, path = ''): Difference[] {
  if (isNothing(before) && isNothing(after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differencesOf(before[name], after[name], named(path, name)));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((one: unknown, index) =>
      differencesOf(one, after[index] as unknown, named(path, String(index + 1))),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field: path, before, after }];
}

const telling = ['word', 'operation', 'name', 'title'] as const;

/** What people would call one of a list. */
export function nameOf(value: unknown, place: number): string {
  const name = isRecord(value)
    ? telling.map((field) => value[field]).find((text) => !isNothing(text))
    : value;
  return typeof name === 'string' ? name : `no. ${place + 1}`;
}

/** The keys of entries that somebody has moved: those without which the others stand in the order of the proposal. */
export function movedIn(entries: readonly Entry[]): ReadonlySet<number> {
  const kept = entries.flatMap(({ key, from }) => (from === null ? [] : [{ key, from }]));
  if (kept.every(({ from }, index) => index === 0 || from > (kept[index - 1]?.from ?? -1))) return new Set();
  // The longest run in order that ends at each of them; lists are short where entries can be moved.
  const runs: { length: number; before: number }[] = [];
  for (const [index, { from }] of kept.entries()) {
    let best = { length: 1, before: -1 };
    for (let at = 0; at < index; at += 1) {
      const length = (runs[at]?.length ?? 0) + 1;
      if ((kept[at]?.from ?? 0) < from && length > best.length) best = { length, before: at };
    }
    runs.push(best);
  }
  const inOrder = new Set<number>();
  const longest = Math.max(...runs.map(({ length }) => length));
  for (let at = runs.findIndex(({ length }) => length === longest); at !== -1; at = runs[at]?.before ?? -1) {
    inOrder.add(kept[at]?.key ?? -1);
  }
  return new Set(kept.map(({ key }) => key).filter((key) => !inOrder.has(key)));
}

function changesOfList(
  list: string,
  { entries, proposed }: { entries: readonly Entry[]; proposed: unknown[] },
) {
  const moved = movedIn(entries);
  const changes = entries.flatMap(({ key, from, value }, place): Change[] => {
    const what = nameOf(value, place);
    if (from === null) return [{ kind: 'added', what, differences: [] }];
    const differences = differencesOf(proposed[from], value);
    return [
      ...(differences.length === 0
        ? []
        : [{ kind: 'changed' as const, what: nameOf(proposed[from], from), differences }]),
      ...(moved.has(key)
        ? [
            {
              kind: 'moved' as const,
              what,
              differences: [{ field: 'Place', before: from + 1, after: place + 1 }],
            },
          ]
        : []),
    ];
  });
  const left = new Set(entries.map(({ from }) => from));
  const removed = proposed.flatMap((value, from): Change[] =>
    left.has(from)
      ? []
      : [{ kind: 'removed', what: nameOf(value, from), differences: [], dropped: { list, from, value } }],
  );
  return [...changes, ...removed];
}

/** What a draft has otherwise than the proposal it was made of. */
export function changesOf({ lists, rest }: Draft, proposal: unknown): Change[] {
  const known = isRecord(proposal) ? proposal : {};
  const ofLists = Object.entries(lists).flatMap(([name, entries]) => {
    const proposed: unknown[] = Array.isArray(known[name]) ? known[name] : [];
    return changesOfList(name, { entries, proposed });
  });
  if (!isRecord(rest)) return ofLists;
  const ofRest = Object.entries(rest).flatMap(([name, value]): Change[] => {
    const differences = differencesOf(known[name], value);
    if (differences.length === 0) return [];
    return [{ kind: 'changed', what: sentenceCase(words(name)), differences }];
  });
  return [...ofLists, ...ofRest];
}
