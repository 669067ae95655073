import { afterAll, describe, expect, it } from '@jest/globals';
import { book, tableFolder } from '../harness/tables.js';
import { inert } from '../../activities/workbook/csv-writing.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const folder = tableFolder();
afterAll(() => folder.remove());
const { put, read, run, text } = folder;

const people = () =>
  put('people.csv', 'id,name,city,age\n1,Ann,Lyon,30\n2,Bob,Paris,41\n3,Ann,Lyon,30\n4,,Nice,\n');

describe('operations that make new tables', () => {
  it('extract columns, each row once where that is asked for', async () => {
    const made = await run(people(), 'excel/extract-columns-to-file', {
      columns: ['city', 'Name'],
      remove_duplicates: true,
    });
    expect(made).toMatchObject({ isNext: true, rows: 3, file: { name: 'people_extracted.xlsx' } });
    expect(await read(made.file)).toMatchObject({
      columns: ['city', 'name'],
      rows: [
        ['Lyon', 'Ann'],
        ['Paris', 'Bob'],
        ['Nice', null],
      ],
    });
  });

  it('extract data, which the next step does not take', async () => {
    const made = await run(people(), 'excel/extract-columns', { columns: ['name'] });
    expect(made.isNext).toBe(false);
    expect(JSON.parse(await text(made))).toEqual({
      columns: ['name'],
      rows: [['Ann'], ['Bob'], ['Ann'], [null]],
      statistics: { name: { total: 4, empty: 1, different: 2 } },
    });
  });

  it.each([
    [{ mapping: { full: 'name', town: 'city' } }, ['full', 'town']],
    [{ renames: { name: 'full', city: 'town' } }, ['full', 'town']],
    [{ mapping: { name: 'full', city: 'town' } }, ['full', 'town']],
    [{ mapping: {} }, ['id', 'name', 'city', 'age']],
  ])('map columns by %j', async (given, columns) => {
    const made = await run(people(), 'excel/map-columns', given);
    expect((await read(made.file)).columns).toEqual(columns);
  });

  it('convert without a guess', async () => {
    const made = await run(put('a.csv', 'zip,n\n00123,5\n04000,6\n'), 'csv/convert-to-excel', {
      sheet_name: 'Towns',
    });
    expect((await read(made.file)).rows).toEqual([
      ['00123', 5],
      ['04000', 6],
    ]);
    expect((await folder.parts(made.file))['xl/workbook.xml']).toContain('Towns');
  });

  it('bind another file by one key, and take the first of rows with the same key', async () => {
    const other = put(
      'towns.xlsx',
      book({
        rows: '<row><c t="str"><v>city</v></c><c t="str"><v>age</v></c></row><row><c t="str"><v>Lyon</v></c><c><v>2000</v></c></row><row><c t="str"><v>Lyon</v></c><c><v>1</v></c></row>',
      }),
    );
    const made = await run(
      people(),
      'excel/bind-single-key',
      { bind_file: 'towns.xlsx', key_column: 'city', columns: 'age' },
      other,
    );
    const { columns, rows } = await read(made.file);
    expect(columns).toEqual(['id', 'name', 'city', 'age', 'age_2']);
    expect(rows.map((row) => row[4])).toEqual([2000, null, 2000, null]);
    expect(made.notes).toEqual([
      '2 of 4 rows have a match in towns.xlsx.',
      '1 rows of towns.xlsx repeat a key; the first of each was taken.',
    ]);
  });

  it('bind by several keys, whether they are numbers or texts', async () => {
    const other = put('more.csv', 'id,name,note\n1,Ann,first\nx,Bob,no\n');
    const made = await run(
      people(),
      'excel/bind-multi-key',
      { bind_file: 'more.csv', comparison_columns: ['id', 'name'] },
      other,
    );
    expect((await read(made.file)).rows.map((row) => row[4])).toEqual(['first', null, null, null]);
  });
});

describe('a search', () => {
  const found = async (given: object) =>
    (await read((await run(people(), 'csv/search', given)).file)).rows.map(([id]) => id);

  it.each([
    [{ column: 'city', operator: 'equals', value: 'lyon' }, [1, 3]],
    [{ column: 'city', operator: '!=', value: 'Lyon' }, [2, 4]],
    [{ column: 'age', operator: 'greater_than', value: '30' }, [2]],
    [{ column: 'age', operator: '>=', value: 30 }, [1, 2, 3]],
    [{ column: 'age', operator: 'between', value: [20, 40] }, [1, 3]],
    [{ column: 'name', operator: 'is_empty' }, [4]],
    [{ column: 'name', operator: 'is_not_empty' }, [1, 2, 3]],
    [{ column: 'city', operator: 'contains', value: 'I' }, [2, 4]],
    [{ column: 'city', operator: 'not_contains', value: 'i' }, [1, 3]],
    [{ column: 'city', operator: 'starts_with', value: 'n' }, [4]],
    [{ column: 'city', operator: 'ends_with', value: 's' }, [2]],
    [
      {
        conditions: [
          { column: 'id', operator: 'equals', value: 1 },
          { column: 'city', operator: 'equals', value: 'Nice' },
        ],
        logic: 'or',
      },
      [1, 4],
    ],
  ])('finds by %j', async (given, ids) => {
    expect(await found(given)).toEqual(ids);
  });

  it('compares days, those of a workbook and those of a text', async () => {
    const rows =
      '<row><c t="str"><v>day</v></c></row><row><c s="1"><v>46000</v></c></row><row><c s="1"><v>46001</v></c></row>';
    const input = put('a.xlsx', book({ rows, formats: ['dd/mm/yyyy'] }));
    const after = await run(input, 'excel/search', { column: 'day', operator: 'after', value: '2025-12-09' });
    expect((await read(after.file)).rows).toEqual([[46001]]);
    const texts = put('a.csv', 'day\n2025-12-09\n31.12.2025\n');
    const before = await run(texts, 'csv/search', {
      column: 'day',
      operator: 'before',
      value: '2025-12-10',
      output_format: 'json',
    });
    expect(JSON.parse(await text(before))).toEqual([{ day: '2025-12-09' }]);
  });

  it('takes a wish for Excel for what it is', async () => {
    const made = await run(people(), 'csv/search', {
      column: 'id',
      operator: 'equals',
      value: 1,
      output_format: 'excel',
    });
    expect(made.file.name).toBe('people_found.xlsx');
  });

  it('names the columns there are where one is missing', async () => {
    await expect(run(people(), 'csv/search', { column: 'town', operator: 'is_empty' })).rejects.toMatchObject(
      {
        code: 'column-missing',
        message: 'The file has no column "town"; it has "id", "name", "city", "age".',
      },
    );
  });
});

describe('SQL', () => {
  it('quotes every name and value', async () => {
    const input = put('a.csv', `id,na"me\n1,O'Brien\n2,\\'); DROP TABLE x; --\n`);
    const postgresql = await text(
      await run(input, 'sql/generate', { table: 'p"t', include_transaction: false }),
    );
    expect(postgresql).toBe(
      `INSERT INTO "p""t" ("id", "na""me") VALUES\n  (1, 'O''Brien'),\n  (2, '\\''); DROP TABLE x; --');\n`,
    );
    const mysql = await text(
      await run(input, 'sql/generate', { database_type: 'mysql', include_transaction: false }),
    );
    expect(mysql).toContain(`(2, '\\\\''); DROP TABLE x; --');`);
  });

  it('maps new names to columns, numbers rows, and keeps to the size of a batch', async () => {
    const given = {
      column_mapping: { full: 'name' },
      auto_increment: { enabled: true, column_name: 'nr', increment_type: 'manual_sequence', start_value: 7 },
      batch_size: 2,
    };
    expect(await text(await run(people(), 'sql/generate-to-text', given))).toBe(
      `BEGIN;\nINSERT INTO "data" ("nr", "full") VALUES\n  (7, 'Ann'),\n  (8, 'Bob');\nINSERT INTO "data" ("nr", "full") VALUES\n  (9, 'Ann'),\n  (10, NULL);\nCOMMIT;\n`,
    );
  });

  it('fills a template, inside and outside of quotes, and nothing ends a text', async () => {
    const input = put('a.csv', `id,name\n1,O'Brien {id}\n2,\n`);
    const template = `UPDATE t SET a = {n}, b = '{n}', c = 'x {n} y' WHERE id = {id} AND nr = {auto_id};`;
    const given = { template, column_mapping: { n: 'name' }, auto_increment: { enabled: true } };
    expect(await text(await run(input, 'sql/generate-custom-to-text', given))).toBe(
      `UPDATE t SET a = 'O''Brien {id}', b = 'O''Brien {id}', c = 'x O''Brien {id} y' WHERE id = 1 AND nr = 1;\n` +
        `UPDATE t SET a = NULL, b = NULL, c = 'x  y' WHERE id = 2 AND nr = 2;\n`,
    );
  });

  it.each(["-- it's {id}\nSELECT {id}", 'SELECT "{id}"', "SELECT 'open {id}"])(
    'refuses the template %j',
    async (template) => {
      await expect(run(people(), 'sql/generate-custom-to-text', { template })).rejects.toMatchObject({
        code: 'operation-refused',
      });
    },
  );
});

describe('JSON', () => {
  const json = async (operation: string, given: object) =>
    JSON.parse(await text(await run(people(), operation, given))) as unknown;

  it('maps columns to names, and leaves out what is empty', async () => {
    expect(
      await json('json/generate', {
        column_mapping: { name: 'who', age: 'years' },
        null_handling: 'exclude',
      }),
    ).toEqual([{ who: 'Ann', years: 30 }, { who: 'Bob', years: 41 }, { who: 'Ann', years: 30 }, {}]);
  });

  it('fills a template', async () => {
    const template = {
      a: '{n}',
      list: [{ b: '{id:str}' }],
      text: '{n|nobody} of {city}',
      none: '{age:int|0}',
    };
    const value = await json('json/generate-with-template', {
      template,
      column_mapping: { n: 'name' },
      aggregation_mode: 'nested',
    });
    expect(value).toMatchObject({
      count: 4,
      items: [
        { a: 'Ann', list: [{ b: '1' }], text: 'Ann of Lyon', none: 30 },
        {},
        {},
        { a: null, text: 'nobody of Nice', none: 0 },
      ],
    });
  });

  it('is a table for the next step', async () => {
    const made = await run(people(), 'json/generate', {});
    expect(await read(made.file)).toMatchObject({
      columns: ['id', 'name', 'city', 'age'],
      rows: { length: 4 },
    });
  });
});

describe('formulas that come in through data', () => {
  const hostile = ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '＝1'];

  it('are texts in a workbook', async () => {
    const made = await run(
      put('a.csv', `f\n${hostile.map((one) => `"${one}"`).join('\n')}\n`),
      'csv/convert-to-excel',
      {},
    );
    expect((await folder.parts(made.file))['xl/worksheets/sheet1.xml']).not.toMatch(/<f>|t="str"/);
    expect((await read(made.file)).rows).toEqual(hostile.map((one) => [one]));
  });

  it('are marked as texts in a CSV file, and numbers and telephones are not', () => {
    expect(hostile.map((one) => inert(one))).toEqual(hostile.map((one) => `'${one}`));
    expect(['-5', '+33 612', '-1.5', 'a=b'].map((one) => inert(one))).toEqual([
      '-5',
      '+33 612',
      '-1.5',
      'a=b',
    ]);
  });
});

failOnLeftovers();
