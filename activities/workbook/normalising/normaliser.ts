import type { Held } from '../held/held.js';
import type { CellValue } from '../table.js';

export interface CellIn {
  value: CellValue;
  /** Its number format, which says whether it is a day. Undefined once another normalisation has changed it. */
  format?: string | undefined;
}

/** What a normalisation makes of one cell. */
export type Change = (cell: CellIn) => CellValue;

/** A cell that drops its row. */
export const dropped = Symbol('dropped');

/**
 * A normalisation. Some have to see the whole column before they know what to do. They take part in a reading of their
 * own, in which `add` is told every value. `begin` gives what one reading of the rows uses. What either of them keeps of
 * the cells is counted in `held`.
 */
export interface Normaliser {
  add?: (cell: CellIn, held: Held) => void;
  begin: (held: Held) => (cell: CellIn) => CellValue | typeof dropped;
}

export const each = (change: Change): Normaliser => ({ begin: () => change });
