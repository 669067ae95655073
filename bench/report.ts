import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { projectRoot } from '../scripts/local/project.js';
import { type Goal, type Measure, short, verdictOf } from './measure.js';

const page = join(projectRoot, 'docs/performance.md');
const marks = ['<!-- bench:begin -->', '<!-- bench:end -->'] as const;

export interface Results {
  readonly measures: readonly Measure[];
  /** Lines on what was measured on, when, and how quiet it was. */
  readonly circumstances: readonly string[];
}

export function printed(measure: Measure): string {
  const verdict = verdictOf(measure);
  const colour = { pass: 'green', miss: 'red', shown: 'dim' } as const;
  const mark = styleText(colour[verdict], verdict.padEnd(5));
  const goal = measure.goal ? ` (goal ${goalText(measure.goal)})` : '';
  return `${mark}  ${measure.name}\n       ${valueText(measure)}${goal}; ${measure.detail}`;
}

/** Replaces what stands between the marks of docs/performance.md. @throws when the marks are not there */
export async function writePage(results: Results): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [begin, end] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
  if (begin === -1 || end < begin) throw new Error(`${page} has lost its marks ${marks.join(' and ')}.`);
  const before = text.slice(0, begin + marks[0].length);
  const whole = `${before}\n\n${table(results)}\n\n${text.slice(end)}`;
  // A page is no wider than the checks allow.
  const options = {
    ...(await resolveConfig(page)),
    filepath: page,
    proseWrap: 'always',
    printWidth: 100,
  } as const;
  await writeFile(page, await format(whole, options));
}

function table({ measures, circumstances }: Results): string {
  const rows = measures.map((measure) => [
    measure.name,
    valueText(measure),
    measure.goal ? goalText(measure.goal) : '',
    verdictOf(measure),
    measure.detail,
  ]);
  const head = ['measure', 'value', 'goal', '', 'behind it'];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...circumstances.map((fact) => `- ${fact}`),
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}

function valueText({ value, unit, interval }: Measure): string {
  const range = interval ? ` [${interval.map((end) => end.toFixed(2)).join(', ')}]` : '';
  return unit === 'times' ? `${value.toFixed(2)} times${range}` : `${short(value)} ${unit}${range}`;
}

function goalText(goal: Goal): string {
  return 'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
}
