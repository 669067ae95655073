import path from 'node:path';
import { boundColumns } from '../../../job-types/fields/workbook/bound-columns.js';
import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { formulaNotes } from '../counted.js';
import { type Chain, chainsOf, learn, rowChange } from '../normalising/chains.js';
import { Report } from '../normalising/report.js';
import { rowEditor } from '../normalising/row-editor.js';
import type { OperationContext } from '../operation.js';
import { writeOutput, writeTable } from '../output.js';
import { fractionOf, openTable } from '../reading.js';
import type { Row, Table } from '../table.js';
import { editedWorkbook } from '../xlsx/editing.js';

const suffix = '_normalized';

export async function normalise(wanted: ArgumentsOf<'normalization/apply'>, context: OperationContext) {
  const table = await openTable(context.input, { signal: context.signal });
  const chains = chainsOf(wanted.normalizations, table.columns);
  await learn(chains, table);
  const report = new Report();
  const kept = chains.flatMap(({ keepsOriginal, place }, chain) => (keepsOriginal ? [{ chain, place }] : []));
  const columns = boundColumns(
    table.columns,
    kept.map(({ place }) => `${table.columns[place]}_original`),
  );
  const added = kept.map(({ chain }, number) => {
    const column = table.columns.length + number;
    return { chain, column, name: columns[column]! };
  });
  const work = { table, chains, report, columns, added };
  const { file, rows } = table.kind === 'xlsx' ? await inPlace(context, work) : await anew(context, work);
  const notes = [...(wanted.return_report ? report.notes : []), ...formulaNotes(table)];
  return { file, isNext: true, rows, notes };
}

interface Work {
  table: Table;
  chains: Chain[];
  report: Report;
  columns: string[];
  added: { chain: number; column: number; name: string }[];
}

async function inPlace(context: OperationContext, { chains, report, added }: Work) {
  const { input, signal, progress } = context;
  let rows = 0;
  const change = rowChange(chains);
  const counting = (row: Row) => {
    rows += 1;
    return change(row);
  };
  const row = rowEditor({ chains, change: counting, report, added });
  const read = await fractionOf(input, progress);
  const pieces = editedWorkbook(input, { row, signal, read });
  const format = path.extname(input.name).toLowerCase() === '.xlsm' ? 'xlsm' : 'xlsx';
  const file = await writeOutput(context, { suffix, format, pieces });
  return { file, rows: rows - report.dropped };
}

async function anew(context: OperationContext, { table, chains, report, columns, added }: Work) {
  const change = rowChange(chains);
  let count = 0;
  async function* rows(): AsyncGenerator<Row> {
    for await (const row of table.rows()) {
      const changed = change(row);
      if (!changed) {
        report.dropped += 1;
        continue;
      }
      count += 1;
      const values = [...row.values];
      for (const { chain, column } of added) values[column] = row.values[chains[chain]!.place] ?? null;
      for (const [number, { place }] of chains.entries()) {
        if (values[place] !== changed[number]) report.changed += 1;
        values[place] = changed[number] ?? null;
      }
      yield { values };
    }
  }
  const format = table.kind === 'csv' ? 'csv' : 'xlsx';
  const file = await writeTable(context, { from: table, columns, rows: rows(), suffix, format });
  return { file, rows: count };
}
