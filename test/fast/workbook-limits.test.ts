import { afterAll, describe, expect, it } from '@jest/globals';
import { fewAtOnce } from '../../activities/workbook/few-at-once.js';
import { Held } from '../../activities/workbook/held/held.js';
import { Seen } from '../../activities/workbook/held/seen.js';
import { Texts } from '../../activities/workbook/held/texts.js';
import { book, tableFolder } from '../harness/tables.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { zipOf } from '../harness/zip-of.js';

const folder = tableFolder();
afterAll(() => folder.remove());
const { put, read, run } = folder;

const sheet = 'xl/worksheets/sheet1.xml';
const strings = 'xl/sharedStrings.xml';
const head = '<row><c t="str"><v>a</v></c></row>';
const inSheet = (rows: string) => book({ rows: `${head}${rows}` });
const inPart = (part: string, xml: string) => book({ rows: head, others: { [part]: xml } });
const many = (piece: string, length: number) => piece.repeat(length / piece.length);
const million = 1_000_000;

describe('a workbook that unpacks to a lot', () => {
  const cases: [string, Uint8Array, string][] = [
    ['one text without an end', inSheet(`<row><c t="str"><v>${many('x', 2 * million)}`), 'file-beyond-limit'],
    [
      'a cell of many texts',
      inSheet(`<row><c t="inlineStr"><is>${many('<t>xxxxxxxxxx</t>', 8 * million)}`),
      'file-beyond-limit',
    ],
    [
      'a row of many texts',
      inSheet(`<row>${many(`<c r="A2" t="str"><v>${many('x', 9000)}</v></c>`, 5 * million)}`),
      'file-beyond-limit',
    ],
    ['a comment without an end', inSheet(`<!--${many('< ', 2 * million)}`), 'file-beyond-limit'],
    [
      'a CDATA without an end',
      inSheet(`<row><c t="str"><v><![CDATA[${many('< ', 2 * million)}`),
      'file-beyond-limit',
    ],
    ['an attribute without an end', inSheet(`<row r="${many('1', 2 * million)}`), 'file-beyond-limit'],
    ['tags that are never closed', inSheet(many('<row>', 1000)), 'workbook-damaged'],
    [
      'a text that cells share',
      inPart(strings, `<sst><si>${many('<t>xxxxxxxxxx</t>', 3 * million)}`),
      'file-beyond-limit',
    ],
    ['texts that cells share', inPart(strings, `<sst>${many('<si/>', 10.5 * million)}`), 'file-beyond-limit'],
    ['styles that are no XML', inPart('xl/styles.xml', '<styleSheet>&b;</styleSheet>'), 'workbook-damaged'],
    ['a part that is held as a whole', inPart('xl/styles.xml', many(' ', 9 * million)), 'file-beyond-limit'],
    ['more than 256 MB', bomb(260 * million), 'file-beyond-limit'],
    ['a column beyond all columns', inSheet('<row><c r="ZZZZZZZZ2"><v>1</v></c></row>'), 'file-beyond-limit'],
  ];
  it.each(cases)('%s is refused by name', async (_, content, code) => {
    await expect(read(put('a.xlsx', content))).rejects.toMatchObject({ code });
  });

  it('is changed in place within the same limits', async () => {
    const trim = { column: 'a', type: 'trim' };
    const long = {
      column: 'a',
      type: 'regex_replace',
      parameters: { pattern: '^', replacement: many('y', 1000) },
    };
    const cells = inSheet(`<row r="2">${many('<c r="A2"/>', 220_000)}</row>`);
    await expect(run(put('a.xlsx', cells), 'normalization/apply', trim)).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
    const text = inSheet(`<row r="2"><c r="A2" t="str"><v>${many('x', 32_000)}</v></c></row>`);
    await expect(run(put('a.xlsx', text), 'normalization/apply', long)).rejects.toMatchObject({
      code: 'operation-refused',
    });
    const far = inSheet('<row r="2"><c r="ZZZZZZZZ2"/></row>');
    await expect(run(put('a.xlsx', far), 'normalization/apply', trim)).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
  });

  it('may say that it is as large as a sheet can be, and have empty cells beyond the last column', async () => {
    const rows = `${head}<row r="2"><c r="A2"><v>1</v></c><c r="XFD2" s="0"/></row>`;
    const others = {
      [sheet]: `<worksheet><dimension ref="A1:XFD1048576"/><sheetData>${rows}</sheetData></worksheet>`,
    };
    expect((await read(put('a.xlsx', book({ rows: '', others })))).rows).toEqual([[1]]);
  });
});

describe('a hostile archive', () => {
  const part = (name: string, content = 'x') => ({ name, content: Buffer.from(content) });
  const cases: [string, Uint8Array, string][] = [
    [
      'of too many parts',
      zipOf(Array.from({ length: 10_001 }, (_, number) => part(`p${number}`, ''))),
      'file-beyond-limit',
    ],
    [
      'of long names',
      zipOf(Array.from({ length: 100 }, (_, number) => part(`${number}${'n'.repeat(60_000)}`))),
      'file-beyond-limit',
    ],
    [
      'whose parts lie on top of each other',
      zipOf([{ ...part('_rels/.rels', 'x'.repeat(1000)), listed: 500 }]),
      'workbook-damaged',
    ],
    [
      'that says less than is in it',
      zipOf([{ ...part('_rels/.rels', 'x'.repeat(1000)), saysBytes: 10 }]),
      'workbook-damaged',
    ],
    [
      'that says more than is in it',
      zipOf([{ ...part('_rels/.rels'), saysBytes: 1000 }]),
      'workbook-damaged',
    ],
    [
      'with a name that is a path',
      zipOf([part('../../etc/passwd'), part('_rels/.rels', '<a/>')]),
      'workbook-damaged',
    ],
    ['with a password', zipOf([{ ...part('_rels/.rels'), locked: true }]), 'workbook-locked'],
    [
      'with a comment in the place of its end',
      Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100_000, 'PK')]),
      'workbook-damaged',
    ],
  ];
  it.each(cases)('%s is refused by name', async (_, content, code) => {
    await expect(read(put('a.xlsx', content))).rejects.toMatchObject({ code });
  });

  it('names the first of two parts with one name', async () => {
    const second = `<worksheet><sheetData><row><c t="str"><v>b</v></c></row></sheetData></worksheet>`;
    const others = { [sheet.toUpperCase()]: second };
    expect((await read(put('a.xlsx', book({ rows: head, others })))).columns).toEqual(['a']);
  });

  it('takes the time of a list, and not of its square, for many sheets that have no part', async () => {
    const each = (of: (number: number) => string) => Array.from({ length: 50_000 }, (_, n) => of(n)).join('');
    const others = {
      'xl/workbook.xml': `<workbook xmlns:r="r"><sheets>${each((n) => `<sheet name="s" r:id="x${n}"/>`)}</sheets></workbook>`,
      'xl/_rels/workbook.xml.rels': `<Relationships>${each((n) => `<Relationship Id="r${n}" Type="a/worksheet" Target="a"/>`)}</Relationships>`,
    };
    await expect(read(put('a.xlsx', book({ rows: '', others })))).rejects.toMatchObject({
      code: 'workbook-empty',
    });
  });
});

describe('JSON', () => {
  it.each([
    ['[]', 'workbook-empty'],
    ['[{}, {}]', 'workbook-empty'],
    ['{"items": [\n]  , "a": 5}', 'workbook-empty'],
    ['{"a": [1]}', 'table-unsupported'],
    ['5', 'table-unsupported'],
    ['[{"a": 1},]', 'workbook-damaged'],
    ['[{"a": 1} {"a": 2}]', 'workbook-damaged'],
    ['[{"a": 1}]]', 'workbook-damaged'],
    ['[{"a": 1}} ', 'workbook-damaged'],
    ['{"a": 1, [{"b": 2}]}', 'workbook-damaged'],
    [`[{"a": "${many('x', million)}"}]`, 'file-beyond-limit'],
    [many('[', 100_000), 'file-beyond-limit'],
    [`[${many('{},', 3 * million)}5]`, 'table-unsupported'],
    [`{"a": {"b": "${many('x', million)}"}}`, 'file-beyond-limit'],
    [`[{${Array.from({ length: 1001 }, (_, number) => `"n${number}": 1`).join()}}]`, 'file-beyond-limit'],
  ])('case %# is refused by name', async (content, code) => {
    await expect(read(put('a.json', content))).rejects.toMatchObject({ code });
  });

  it.each([
    [
      '[{"a": "x, ]}\\"[", "b": {"c": [1, 2]}}, {"toString": true}]',
      [
        ['x, ]}"[', '{"c":[1,2]}', null],
        [null, null, true],
      ],
    ],
    ['\uFEFF {"items": [{"a": 1}, {"a": null}], "count": 2}', [[1], [null]]],
    ['{"a": 1, "b": [2], "c": [3]}', [[1, '[2]', '[3]']]],
    ['{"a": "é😀"}', [['é😀']]],
  ])('case %# is a table', async (content, rows) => {
    expect((await read(put('a.json', content))).rows).toEqual(rows);
  });

  it('is read in pieces, wherever they end', async () => {
    const records = Array.from({ length: 20_000 }, (_, number) => ({
      n: number,
      t: `"é${'\\'.repeat(number % 7)}]`,
    }));
    const { rows } = await read(put('a.json', JSON.stringify(records)));
    expect(rows).toEqual(records.map(({ n, t }) => [n, t]));
  });
});

describe('what becomes of a small table', () => {
  const small = (length = 4000) => put('a.csv', `a,b\n${many('x', length)},1\n`);

  it.each([
    ['a regular expression', { pattern: 'y*', replacement: many('y', 1000) }],
    ['what stands before each letter', { pattern: 'x', replacement: '$`' }],
    ['what stands behind each letter', { pattern: 'x', replacement: "$'$'$'" }],
    ['a text many times', { pattern: '^.*$', replacement: many('$&', 1000) }],
  ])('is no long text by %s', async (_, parameters) => {
    const given = { column: 'a', type: 'regex_replace', parameters };
    await expect(run(small(), 'normalization/apply', given)).rejects.toMatchObject({
      code: 'operation-refused',
    });
    const other = { column: 'a', type: 'remove_special_chars', parameters };
    await expect(run(small(), 'normalization/apply', other)).rejects.toMatchObject({
      code: 'operation-refused',
    });
  });

  it('is a longer text where that is as long as a cell may be', async () => {
    const given = {
      column: 'a',
      type: 'regex_replace',
      parameters: { pattern: '(x)(x)', replacement: '$2-$1$&' },
    };
    const made = await run(small(10), 'normalization/apply', given);
    expect((await read(made.file)).rows).toEqual([['x-xxx'.repeat(5), 1]]);
  });

  it('is no statement and no record beyond all measure', async () => {
    const long = small(100_000);
    const template = `SELECT ${many('{a} + ', 600)}1;`;
    await expect(run(long, 'sql/generate-custom-to-text', { template })).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
    const json = { template: { a: many('{a}', 600) } };
    await expect(run(long, 'json/generate-with-template', json)).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
    const mapping = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`n${number}`, 'a']));
    await expect(run(long, 'excel/map-columns', { mapping })).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
  });

  it('is no output that fills the disk', async () => {
    const rows = put('a.csv', `a\n${many('x\n', 20_000)}`);
    const template = { a: `{a}${many('y', 30_000)}` };
    await expect(run(rows, 'json/generate-with-template', { template })).rejects.toMatchObject({
      code: 'file-beyond-limit',
    });
  });
});

describe('what a step holds', () => {
  it('is as much as it may', () => {
    const texts = new Texts(new Held(million));
    const filled = () => {
      for (;;) texts.add('x'.repeat(1000));
    };
    expect(filled).toThrow(expect.objectContaining({ code: 'file-beyond-limit' }));
    const seen = new Seen(new Held(million));
    const full = () => {
      for (let number = 0; ; number += 1) seen.add(String(number));
    };
    expect(full).toThrow(expect.objectContaining({ code: 'file-beyond-limit' }));
    expect(seen.hasRoom).toBe(false);
  });

  it('is each text once, whatever its length', () => {
    const seen = new Seen(new Held());
    const texts = Array.from({ length: 5000 }, (_, number) => [
      `${number}`,
      `é${number}`,
      `${number}${'x'.repeat(20)}`,
      `😀${number}`,
    ]).flat();
    for (const isNew of [true, false]) {
      expect(texts.filter((one) => seen.add(one) !== isNew)).toEqual([]);
    }
    expect([seen.add(''), seen.add(''), seen.add('\0'), seen.add('\0\0')]).toEqual([true, false, true, true]);
    expect(seen.size).toBe(texts.length + 3);
  });

  it('is given back as it was', () => {
    const texts = new Texts(new Held());
    const all = Array.from({ length: 5000 }, (_, number) => 'é😀x'.repeat(number % 50));
    expect(all.map((one) => texts.add(one))).toEqual(all.map((_, number) => number));
    expect(all.map((_, number) => texts.at(number))).toEqual(all);
    expect([texts.at(-1), texts.at(5000), texts.at(0.5), texts.at(Number.NaN)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe('at once in a worker', () => {
  it('two tables are read, and who is cancelled while it waits goes', async () => {
    const begun: number[] = [];
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const cancel = new AbortController();
    const works = ends.map(({ promise }, number) =>
      fewAtOnce(number === 2 ? cancel.signal : folder.signal, () => {
        begun.push(number);
        return promise;
      }),
    );
    cancel.abort(new Error('gone'));
    await expect(works[2]).rejects.toThrow('gone');
    expect(begun).toEqual([0, 1]);
    ends[0]!.resolve();
    await works[0];
    expect(begun).toEqual([0, 1, 3]);
    for (const { resolve } of ends) resolve();
    await Promise.all([works[1], works[3]]);
  });
});

/** An archive that says that it unpacks to so many bytes. */
function bomb(bytes: number): Uint8Array {
  return zipOf([{ name: '_rels/.rels', content: Buffer.alloc(1), saysBytes: bytes }]);
}

failOnLeftovers();
