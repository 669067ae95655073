import { afterAll, describe, expect, it } from '@jest/globals';
import { readXlsx, writeXlsx } from 'hucre/xlsx';
import { readFile } from 'node:fs/promises';
import { normalisations } from '../../job-types/fields/workbook/normalise.js';
import { amountOf, roundTo } from '../../activities/workbook/normalising/numbers.js';
import { book, tableFolder } from '../harness/tables.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const folder = tableFolder();
afterAll(() => folder.remove());
const { put, read, run } = folder;

const column = async (texts: string[], wanted: { type: string; parameters?: object }) => {
  const lines = texts.map((text) => `"${text.replaceAll('"', '""')}",x`).join('\n');
  const made = await run(put('a.csv', `c,d\n${lines}\n`), 'normalization/apply', { column: 'c', ...wanted });
  return (await read(made.file)).rows.map(([value]) => value);
};

const cases: { type: string; parameters?: object; from: string[]; to: unknown[] }[] = [
  { type: 'uppercase', from: ['straße', '', '5'], to: ['STRASSE', null, '5'] },
  { type: 'lowercase', from: ['ÉVA'], to: ['éva'] },
  { type: 'title_case', from: ["the o'neill STORY"], to: ["The O'neill Story"] },
  { type: 'trim', from: ['  a b '], to: ['a b'] },
  { type: 'remove_special_chars', from: ['a-b_ç! 1'], to: ['abç 1'] },
  {
    type: 'phone_number',
    from: ['555.123.4567', '1 555 123 4567', '+44 20 7946 0958'],
    to: ['(555) 123-4567', '+1 (555) 123-4567', '+44 20 7946 0958'],
  },
  { type: 'email', from: [' Ann@EXAMPLE.org'], to: ['ann@example.org'] },
  { type: 'name_format', from: [" anna-maria   o'BRIEN "], to: ["Anna-Maria O'Brien"] },
  { type: 'min_max_scale', from: ['0', '5', '10', 'x'], to: ['0', '0.5', '1', 'x'] },
  { type: 'z_score', from: ['1', '2', '3'], to: [-1, 0, 1] },
  { type: 'round_decimal', parameters: { decimals: 1 }, from: ['1.25', 'x'], to: ['1.3', 'x'] },
  { type: 'integer_convert', from: ['1.9', '-1.9'], to: [1, -1] },
  { type: 'currency_format', from: ['$1,234.50', '€ 1.234,5', '(7)'], to: [1234.5, 1234.5, -7] },
  {
    type: 'date_format',
    parameters: { format: '%d.%m.%Y' },
    from: ['2026-01-31', '1/31/2026', '31 Jan 2026', '2026-02-31'],
    to: ['31.01.2026', '31.01.2026', '31.01.2026', '2026-02-31'],
  },
  {
    type: 'datetime_format',
    from: ['2026-01-31T14:05:00Z', '1/31/2026 2:05 PM'],
    to: ['2026-01-31 14:05:00', '2026-01-31 14:05:00'],
  },
  { type: 'date_extract_year', from: ['2026-01-31'], to: [2026] },
  { type: 'date_extract_month', parameters: { day_first: true }, from: ['02/03/2026'], to: [3] },
  { type: 'date_extract_day', from: ['02/03/2026'], to: [3] },
  { type: 'boolean_convert', from: ['yes', 'No'], to: ['TRUE', 'FALSE'] },
  { type: 'yes_no_convert', from: ['on', '0'], to: ['Yes', 'No'] },
  {
    type: 'regex_replace',
    parameters: { pattern: '(\\d)-(\\d)', replacement: '\\2$1' },
    from: ['a 1-2'],
    to: ['a 21'],
  },
  {
    type: 'categorical_mapping',
    parameters: { mapping: { m: 'male' }, default: 'other' },
    from: ['m', 'x', ''],
    to: ['male', 'other', null],
  },
  { type: 'remove_duplicates', from: ['a', 'b', 'a', '', ''], to: ['a', 'b', null, null] },
  { type: 'fill_null_values', parameters: { method: 'median' }, from: ['1', '', '3'], to: [1, 2, 3] },
  { type: 'outlier_removal', from: ['1', '2', '3', '2', '99'], to: [1, 2, 3, 2, null] },
];

describe('normalising', () => {
  it.each(cases)('$type', async ({ type, parameters, from, to }) => {
    expect(await column(from, parameters ? { type, parameters } : { type })).toEqual(to);
  });

  it('knows every kind there is', () => {
    const aliases: Record<string, string> = {
      trim: 'trim_whitespace',
      phone_number: 'phone_format',
      email: 'email_format',
    };
    expect(cases.map(({ type }) => aliases[type] ?? type)).toEqual([...normalisations]);
  });

  it('lets one step see what the one before it left', async () => {
    const normalizations = [
      { column: 'c', type: 'currency' },
      { column: 'c', type: 'min_max_scale' },
      { column: 'c', type: 'round_decimal', parameters: { decimals: 1 } },
    ];
    const made = await run(put('a.csv', 'c,d\n$10,x\n$15,x\n$20,x\n'), 'normalization/apply', {
      normalizations,
    });
    expect((await read(made.file)).rows.map(([value]) => value)).toEqual([0, 0.5, 1]);
  });

  it('takes no longer for a pattern that other engines hang at', async () => {
    const [value] = await column([`${'a'.repeat(5000)}!`], {
      type: 'regex',
      parameters: { pattern: '(a+)+$', replacement: '' },
    });
    expect(value).toBe(`${'a'.repeat(5000)}!`);
  });

  it('rounds what is written, and reads amounts of two continents', () => {
    expect([roundTo(1.005, 2), roundTo(-2.5, 0), roundTo(1e21, 2)]).toEqual([1.01, -3, 1e21]);
    expect(['1.234', '1,234', '1234.567', '12,5', 'free', '-€3'].map((one) => amountOf(one))).toEqual([
      1234,
      1234,
      1234.567,
      12.5,
      null,
      -3,
    ]);
  });
});

describe('normalising a workbook', () => {
  it('leaves styles, formulas, comments and all else as they are', async () => {
    const bold = {
      style: {
        font: { bold: true },
        fill: { type: 'pattern' as const, pattern: 'solid' as const, fgColor: { rgb: 'FF0000' } },
      },
    };
    const written = await writeXlsx({
      sheets: [
        {
          name: 'Data',
          rows: [
            ['name', 'n', 'sum'],
            [' ann ', 2, null],
            ['bob', 3, null],
          ],
          cells: new Map([
            ['1,0', { value: ' ann ', ...bold, comment: { text: 'look', author: 'me' } }],
            ['1,2', { value: 4, formula: 'B2*2', formulaResult: 4, type: 'formula' }],
          ]),
          merges: [{ startRow: 5, startCol: 0, endRow: 5, endCol: 1 }],
          freezePane: { rows: 1 },
        },
        { name: 'Other', rows: [['untouched']] },
      ],
    });
    const input = put('a.xlsx', written);
    const made = await run(input, 'normalization/apply', {
      normalizations: [
        { column: 'name', type: 'trim', backup_original: true },
        { column: 'name', type: 'uppercase' },
      ],
    });
    expect(made.notes).toEqual(['2 cells changed.']);
    const [before, after] = [await folder.parts(input), await folder.parts(made.file)];
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const edited = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(edited.filter((name) => !/workbook\.xml|Content_Types/.test(name))).toEqual([
      'xl/worksheets/sheet1.xml',
    ]);
    const { sheets } = await readXlsx(new Uint8Array(await readFile(made.file.path)), { readStyles: true });
    const [sheet] = sheets;
    expect(sheet!.rows[1]!.slice(0, 4)).toEqual(['ANN', 2, 4, ' ann ']);
    expect(sheet!.rows[0]![3]).toBe('name_original');
    const cell = sheet!.cells?.get('1,0');
    expect(cell?.style?.font?.bold).toBe(true);
    expect(cell?.comment?.text).toBe('look');
    expect(sheet!.cells?.get('1,2')?.formula).toBe('B2*2');
    expect(sheet!.merges).toHaveLength(1);
  });

  const sheet = (cells: string) =>
    `<row r="1" spans="1:2"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>${cells}`;

  it('makes the value of a formula, and keeps one that others are calculated by', async () => {
    const rows = sheet(
      '<row r="2"><c r="A2" t="str" s="1"><f>UPPER("x")</f><v>x</v></c><c r="B2"><v>1</v></c></row>' +
        '<row r="3"><c r="A3" t="str"><f t="shared" ref="A3:A4" si="0">B3</f><v>y</v></c></row>' +
        '<row r="4"><c r="A4" t="str"><f t="shared" si="0"/><v>z</v></c></row>',
    );
    const made = await run(put('a.xlsx', book({ rows, formats: ['@'] })), 'normalization/apply', {
      column: 'a',
      type: 'uppercase',
    });
    const parts = await folder.parts(made.file);
    const { 'xl/worksheets/sheet1.xml': text } = parts;
    expect(text).toContain('<c r="A2" s="1" t="inlineStr"><is><t xml:space="preserve">X</t></is></c>');
    expect(text).toContain('<f t="shared" ref="A3:A4" si="0">B3</f>');
    expect(text).toContain('>Z</t>');
    expect(parts['xl/calcChain.xml']).toBeUndefined();
    expect(parts['[Content_Types].xml']).not.toContain('calcChain');
    expect(parts['xl/_rels/workbook.xml.rels']).not.toContain('calcChain');
    expect(parts['xl/workbook.xml']).toContain('fullCalcOnLoad="1"');
    expect(made.notes.join(' ')).toContain('1 formulas stay as they are');
  });

  it('empties rows that are dropped, adds cells that were not there, and writes what XML cannot hold', async () => {
    const rows = sheet(
      '<row r="2"><c r="A2" t="str"><v>x</v></c><c r="B2"><v>1</v></c></row><row r="3"><c r="A3" t="str"><v>x</v></c><c r="B3"><v>2</v></c></row><row r="5"><c r="A5" t="str"><v>z</v></c></row>',
    );
    const normalizations = [
      { column: 'a', type: 'remove_duplicates' },
      { column: 'b', type: 'fill_null_values', parameters: { value: '<=_x0041_\u0001&' } },
    ];
    const made = await run(put('a.xlsx', book({ rows })), 'normalization/apply', { normalizations });
    expect(made.rows).toBe(2);
    expect((await read(made.file)).rows).toEqual([
      ['x', 1],
      ['z', '<=_x0041_\u0001&'],
    ]);
    expect((await folder.parts(made.file))['xl/worksheets/sheet1.xml']).toContain('<row r="5">');
  });

  it('shows a number that was a day as a number', async () => {
    const rows = sheet('<row r="2"><c r="A2" s="1"><v>46000</v></c></row>');
    const input = put('a.xlsx', book({ rows, formats: ['yyyy-mm-dd'] }));
    const made = await run(input, 'normalization/apply', { column: 'a', type: 'date_extract_year' });
    expect((await folder.parts(made.file))['xl/worksheets/sheet1.xml']).toContain(
      '<c r="A2"><v>2025</v></c>',
    );
  });
});

failOnLeftovers();
