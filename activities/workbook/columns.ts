import { StepFailure } from '../frame/step-failure.js';
import { placeOf } from '../../job-types/fields/workbook/find-column.js';

/**
 * Where the columns are, in the order asked for.
 * @throws {StepFailure} column-missing
 */
export function placesOf(names: readonly string[], columns: readonly string[]): number[] {
  return names.map((name) => {
    const place = placeOf(name, columns);
    if (place === null) throw missing(name, columns);
    return place;
  });
}

export const placeIn = (name: string, columns: readonly string[]): number => placesOf([name], columns)[0]!;

/** All of them, where none is named. */
export const placesOrAll = (names: readonly string[], columns: readonly string[]): number[] =>
  names.length === 0 ? columns.map((_, place) => place) : placesOf(names, columns);

/** Names told in a failure, beyond which it says how many more there are. */
const mostTold = 12;

export function missing(name: string, columns: readonly string[]): StepFailure {
  const told = columns.slice(0, mostTold).map((column) => `"${column.slice(0, 40)}"`);
  const more = columns.length > mostTold ? ` and ${columns.length - mostTold} more` : '';
  return new StepFailure(
    'column-missing',
    `The file has no column "${name.slice(0, 80)}"; it has ${told.join(', ')}${more}.`,
  );
}

/** Names that differ from each other, for columns that may have none. */
export function namesFor(headers: readonly string[]): string[] {
  const taken = new Set<string>();
  return headers.map((header, place) => {
    const wanted = header.trim() || `column_${place + 1}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    taken.add(name);
    return name;
  });
}
