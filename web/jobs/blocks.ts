/** With more, a block takes long to be drawn when it comes into sight; with fewer, a frame has more blocks to go through. */
const rowsInBlock = 10;

/** Blocks beyond those that the rows need: a block stays while it has a row. With more, the list is cut anew. */
const mostSpare = 10;

/** Rows of a list that stand together. */
export interface Block<Row> {
  /** The same as long as one of its rows stays in its place among the others. */
  key: number;
  rows: readonly Row[];
}

/**
 * Cuts a list into blocks. A row stays in its block when others come and go: if it changed, it would be drawn anew, and
 * lose the keyboard.
 */
export function toBlocks<Row extends { id: string }>(
  rows: readonly Row[],
  before: readonly Block<Row>[],
): readonly Block<Row>[] {
  const kept = keptKeys(rows, before);
  const sizes = new Map<number, number>();
  let unused = Math.max(-1, ...before.map(({ key }) => key)) + 1;
  let last: number | undefined;
  /** The block of the row before, or of the last one before that has one. */
  const above = rows.map(({ id }) => {
    const key = kept.get(id);
    if (key !== undefined) sizes.set(key, (sizes.get(key) ?? 0) + 1);
    return (last = key ?? last);
  });
  const blocks: { key: number; rows: Row[] }[] = [];
  // A list grows at its head. From its end on, what is new there fills the first block up.
  for (const [index, row] of [...rows.entries()].toReversed()) {
    const first = blocks[0];
    const isOpen = first && (above[index] === first.key || (sizes.get(first.key) ?? 0) < rowsInBlock);
    const key = kept.get(row.id) ?? (isOpen ? first.key : unused++);
    if (!kept.has(row.id)) sizes.set(key, (sizes.get(key) ?? 0) + 1);
    if (first?.key === key) first.rows.unshift(row);
    else blocks.unshift({ key, rows: [row] });
  }
  const few = blocks.length <= Math.ceil(rows.length / rowsInBlock) + mostSpare;
  return few ? blocks : toBlocks(rows, []);
}

/** Of the rows that stand behind each other as before. A job that ends goes down the list, and is a new row there. */
function keptKeys<Row extends { id: string }>(
  rows: readonly Row[],
  before: readonly Block<Row>[],
): Map<string, number> {
  const known = before.flatMap((block) => block.rows.map(({ id }) => ({ id, key: block.key })));
  const places = new Map(known.map(({ id, key }, place) => [id, { key, place }]));
  const kept = new Map<string, number>();
  let furthest = -1;
  for (const { id } of rows) {
    const old = places.get(id);
    if (old === undefined || old.place < furthest) continue;
    furthest = old.place;
    kept.set(id, old.key);
  }
  return kept;
}
