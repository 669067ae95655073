import { afterAll, describe, expect, it } from '@jest/globals';
import { zipSync, strToU8 } from 'fflate';
import { book, tableFolder } from '../harness/tables.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const folder = tableFolder();
afterAll(() => folder.remove());
const { put, read, run, text } = folder;

describe('a CSV file', () => {
  it('keeps what is written where it is no number that is written the same', async () => {
    const table = await read(
      put('a.csv', 'zip,id,none,price,age\n00123,12345678901234567890,NA,1.10,7\n00456,2,,2.00,8\n'),
    );
    expect(table.rows).toEqual([
      ['00123', '12345678901234567890', 'NA', '1.10', 7],
      ['00456', '2', null, '2.00', 8],
    ]);
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\uFEFFname;city\nÉva;Łódź\n')],
    ['UTF-8', Buffer.from('name;city\r\nÉva;Łódź\r\n')],
    ['UTF-16 with a mark', Buffer.from('\uFEFFname\tcity\nÉva\tŁódź\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('name,city\nÉva,Łódź\n', 'utf16le')],
    ['big-endian UTF-16', Buffer.from('\uFEFFname,city\nÉva,Łódź\n', 'utf16le').swap16()],
    ['lines that end in CR', Buffer.from('name,city\rÉva,Łódź\r')],
  ])('is read in %s', async (_, bytes) => {
    expect(await read(put('a.csv', bytes))).toMatchObject({
      columns: ['name', 'city'],
      rows: [['Éva', 'Łódź']],
    });
  });

  it('is read in the charset of Windows', async () => {
    const { rows } = await read(
      put('a.csv', Buffer.from([...Buffer.from('name;sum\nM'), 0xfc, ...Buffer.from('ller;5 '), 0x80])),
    );
    expect(rows).toEqual([['Müller', '5 €']]);
  });

  it('takes a delimiter in quotes for what it is', async () => {
    const { columns, rows } = await read(put('a.csv', 'name;note\n"Doe; Jane";"a,b,c,d\nsecond ""line"""\n'));
    expect(columns).toEqual(['name', 'note']);
    expect(rows).toEqual([['Doe; Jane', 'a,b,c,d\nsecond "line"']]);
  });

  it('names columns that have no name of their own', async () => {
    const { columns } = await read(put('a.csv', 'id,,id\n1,2,3,4\n'));
    expect(columns).toEqual(['id', 'column_2', 'id_2', 'column_4']);
  });
});

describe('a workbook', () => {
  const formula = '<c r="C2" s="2"><f>A2*2</f><v>84</v></c><c r="D2"><f>A2+1</f></c>';
  const rows = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>d</t></r><r><t>ay</t></r></is></c><c r="C1" t="str"><v>twice</v></c><c r="D1" t="str"><v>more</v></c></row><row r="3"><c r="A3"><v>42</v></c><c r="B3" s="1"><v>46000</v></c>${formula.replaceAll('2"', '3"')}</row>`;

  it('is read by values, of formulas by those that are stored', async () => {
    const table = await read(
      put('a.xlsx', book({ rows, strings: ['n &amp; m'], formats: ['yyyy\\-mm\\-dd', '0.0'] })),
    );
    expect(table.columns).toEqual(['n & m', 'day', 'twice', 'more']);
    expect(table.rows).toEqual([[42, 46000, 84, null]]);
    expect(table.uncalculated).toBe(1);
  });

  it('keeps values and number formats in a new table, and tells days as days', async () => {
    const input = put('a.xlsx', book({ rows, strings: ['n'], formats: ['yyyy\\-mm\\-dd', '0.0'] }));
    const made = await run(input, 'excel/extract-columns-to-file', { columns: ['day', 'TWICE', 'more'] });
    const { 'xl/styles.xml': styles, 'xl/worksheets/sheet1.xml': sheet } = await folder.parts(made.file);
    expect(styles).toContain('yyyy\\-mm\\-dd');
    expect(sheet).not.toContain('<f>');
    expect(made.notes.join()).toContain('1 formulas have no stored value');
    const json = await run(made.file, 'json/generate', { pretty_print: false });
    expect(JSON.parse(await text(json))).toEqual([{ day: '2025-12-09', twice: 84, more: null }]);
  });

  it('counts days from 1904 where it says so', async () => {
    const old = book({ rows, strings: ['n'], formats: ['yyyy'], workbook: '<workbookPr date1904="1"/>' });
    expect((await read(put('a.xlsx', old))).rows[0]?.[1]).toBe(46000 + 1462);
  });
});

describe('a file that cannot be read', () => {
  const ole = (more: string) =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from(more, 'utf16le')]);
  const cut = book({ rows: '<row r="1"><c r="A1"><v>1</v></c></row>' });
  const whole = (part: Record<string, string>) =>
    zipSync(Object.fromEntries(Object.entries(part).map(([name, content]) => [name, strToU8(content)])));

  it.each([
    ['without a byte', 'a.xlsx', new Uint8Array(), 'workbook-empty'],
    ['without a row', 'a.csv', '\n\n', 'workbook-empty'],
    ['without a cell', 'a.xlsx', book({ rows: '' }), 'workbook-empty'],
    ['with a password', 'a.xlsx', ole('EncryptedPackage'), 'workbook-locked'],
    ['of before 2007', 'a.xls', ole('Workbook'), 'workbook-old'],
    ['that is cut off', 'a.xlsx', cut.subarray(0, cut.length / 2), 'workbook-damaged'],
    ['that is another archive', 'a.xlsx', whole({ 'readme.txt': 'x' }), 'workbook-mislabelled'],
    ['that is a CSV file', 'a.xlsx', 'name\nx\n', 'workbook-mislabelled'],
    ['that is a workbook', 'a.csv', cut, 'workbook-mislabelled'],
    [
      'that is a picture',
      'a.csv',
      Buffer.from('89504e470d0a1a0a0000000d49484452000000000000', 'hex'),
      'workbook-mislabelled',
    ],
    ['of another kind', 'a.pdf', '%PDF-1.7', 'table-unsupported'],
    ['with a quote that is never closed', 'a.csv', `a,b\n"${'x'.repeat(5_000_000)}`, 'workbook-damaged'],
    [
      'with a document type',
      'a.xlsx',
      book({
        rows: '',
        others: { 'xl/worksheets/sheet1.xml': '<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>' },
      }),
      'workbook-damaged',
    ],
    [
      'with a text that is not there',
      'a.xlsx',
      book({ rows: '<row><c t="s"><v>9</v></c></row>' }),
      'workbook-damaged',
    ],
    [
      'with a cell far to the right',
      'a.xlsx',
      book({ rows: '<row r="1"><c r="XFD1"><v>9</v></c></row>' }),
      'file-beyond-limit',
    ],
    ['of JSON that is no list', 'a.json', '[1, 2]', 'table-unsupported'],
    ['of JSON that is none', 'a.json', '[{', 'workbook-damaged'],
  ])('%s is refused by name', async (_, name, content, code) => {
    await expect(read(put(name, content))).rejects.toMatchObject({ code });
  });

  it('tells how an old workbook is converted', async () => {
    const { failures } = await import('../../job-types/contract/failures.js');
    expect(failures['workbook-old'].advice).toContain('.xlsx');
  });
});

failOnLeftovers();
