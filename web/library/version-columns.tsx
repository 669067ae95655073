import type { UseQueryResult } from '@tanstack/react-query';
import { AnswerView } from '../shared/answer-view.js';
import { Comparison } from './comparison.js';
import type { KindName } from './kinds.js';
import type { ThingSearch } from './library-search.js';
import { type Version, Versions } from './versions.js';

interface Given<Thing> {
  kind: KindName;
  id: string;
  shown: Thing;
  search: ThingSearch;
  versions: UseQueryResult<{ items: readonly Version[] }>;
  /** The version that is compared with, where one is named. */
  other: UseQueryResult<Thing>;
  /** What is compared. */
  textOf(thing: Thing): string;
  /** In the place of everything else; null while nobody edits. */
  editor: React.ReactNode;
  children: React.ReactNode;
}

/** A thing beside its versions: edited, compared with another one, or read. */
export function VersionColumns<Thing extends { version: number }>(given: Given<Thing>) {
  const { kind, id, shown, search, versions, other, textOf, editor, children } = given;
  if (editor !== null) return editor;
  const text = (thing: Thing) => ({ version: thing.version, text: textOf(thing) });
  return (
    <div className="thing-columns">
      <div>
        {search.with === undefined ? (
          children
        ) : (
          <AnswerView answer={other} what="the other version">
            {(before) => <Comparison of={text(shown)} before={text(before)} />}
          </AnswerView>
        )}
      </div>
      <Versions answer={versions} kind={kind} id={id} shown={shown.version} comparedWith={search.with} />
    </div>
  );
}
