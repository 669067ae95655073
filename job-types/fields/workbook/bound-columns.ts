/** The columns of two files side by side. One whose name is taken is told apart by its ending. */
export function boundColumns(columns: readonly string[], added: readonly string[]): string[] {
  const names = [...columns];
  for (const wanted of added) {
    let name = wanted;
    for (let number = 2; names.includes(name); number += 1) name = `${wanted}_${number}`;
    names.push(name);
  }
  return names;
}
