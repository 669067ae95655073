import type { Normalisation, Normalising } from '../../../job-types/fields/workbook/normalise.js';
import { placeIn } from '../columns.js';
import { Held } from '../held/held.js';
import type { CellValue, Row, Table } from '../table.js';
import { dayNormalisers } from './days.js';
import { type Normaliser, dropped } from './normaliser.js';
import { numberNormalisers } from './numbers.js';
import { otherNormalisers } from './others.js';
import { type Parameters, textNormalisers } from './texts.js';

const normalisers: Readonly<Record<Normalisation, (parameters: Parameters) => Normaliser>> = {
  ...textNormalisers,
  ...numberNormalisers,
  ...dayNormalisers,
  ...otherNormalisers,
};

/** All that is done to one column, in the order asked for. */
export interface Chain {
  place: number;
  links: Normaliser[];
  keepsOriginal: boolean;
}

/** @throws {StepFailure} column-missing, operation-refused */
export function chainsOf(wanted: readonly Normalising[], columns: readonly string[]): Chain[] {
  const chains = new Map<number, Chain>();
  for (const { column_name: name, normalization_type: type, parameters, backup_original: keeps } of wanted) {
    const place = placeIn(name, columns);
    const chain = chains.get(place) ?? { place, links: [], keepsOriginal: false };
    chain.links.push(normalisers[type](parameters));
    chain.keepsOriginal ||= keeps;
    chains.set(place, chain);
  }
  return [...chains.values()];
}

/** What one reading of the rows does to them. Undefined for a row that is dropped. */
export type RowChange = (row: Row) => CellValue[] | undefined;

/** @returns the new values of the columns of the chains, in the order of the chains */
export function rowChange(chains: readonly Chain[], { upTo }: { upTo?: readonly number[] } = {}): RowChange {
  const held = new Held();
  const begun = chains.map(({ place, links }, number) => ({
    place,
    changes: links.slice(0, upTo?.[number]).map((link) => link.begin(held)),
  }));
  return ({ values, formats }) => {
    const changed: CellValue[] = [];
    for (const { place, changes } of begun) {
      const before = values[place] ?? null;
      let value = before;
      for (const change of changes) {
        const next = change({ value, format: value === before ? formats?.[place] : undefined });
        if (next === dropped) return undefined;
        value = next;
      }
      changed.push(value);
    }
    return changed;
  };
}

/** Lets each normalisation that has to see its whole column see it, as those before it leave it. */
export async function learn(chains: readonly Chain[], table: Table): Promise<void> {
  const held = new Held();
  const learnt = chains.map(() => 0);
  const nextOf = ({ links }: Chain, number: number) =>
    links.findIndex((link, place) => place >= learnt[number]! && link.add !== undefined);
  for (;;) {
    const next = chains.map(nextOf);
    if (next.every((place) => place === -1)) return;
    const change = rowChange(chains, { upTo: next.map((place) => Math.max(0, place)) });
    for await (const row of table.rows()) {
      const values = change(row);
      if (!values) continue;
      for (const [number, chain] of chains.entries()) {
        const before = row.values[chain.place] ?? null;
        const value = values[number] ?? null;
        const format = value === before ? row.formats?.[chain.place] : undefined;
        chain.links[next[number]!]?.add?.({ value, format }, held);
      }
    }
    for (const [number, place] of next.entries()) if (place !== -1) learnt[number] = place + 1;
  }
}
