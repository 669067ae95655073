import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { StepFailure } from '../frame/step-failure.js';
import type { Workbook } from '../workbook-plan.js';

const rowsOf = async (file: string): Promise<string[][]> => parse(await readFile(file));

export const workbook: Workbook = {
  async runOperation(step, { input, folder, progress }) {
    const [head = [], ...rows] = await rowsOf(input.path);
    progress?.(0.5);
    const { columns } = step.arguments as { columns?: string[] };
    const missing = columns?.find((column) => !head.includes(column));
    if (missing !== undefined) throw new StepFailure('no-plan', `There is no column ${missing}.`);
    const name = `out${step.operation.startsWith('json') ? '.json' : '.csv'}`;
    const file = path.join(folder, name);
    const objects = rows.map((row) => Object.fromEntries(head.map((column, index) => [column, row[index]])));
    const text = name.endsWith('.json')
      ? JSON.stringify(objects)
      : [head, ...rows].map((row) => row.join(',')).join('\n');
    await writeFile(file, text);
    return {
      operation: step.operation,
      file: { path: file, name: path.parse(input.name).name + path.extname(name), mediaType: 'text/csv' },
      isNext: true,
      rows: rows.length,
      notes: [],
    };
  },
  async columnsOf(file) {
    return (await rowsOf(file.path))[0] ?? [];
  },
  propose(message, { file: { columns } }) {
    if (!/json/i.test(message))
      return { plan: [], intent: { type: 'unknown', confidence: 0 }, question: null };
    return {
      plan: [
        {
          operation: 'json/generate',
          arguments: {
            columns: [...columns],
            column_mapping: {},
            null_handling: 'include',
            array_wrapper: true,
            pretty_print: true,
          },
        },
      ],
      intent: { type: 'generate_json', confidence: 0.9 },
      question: null,
    };
  },
};
