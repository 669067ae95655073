import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { proposedPlan } from '../../activities/prompts/propose-plan.js';
import { propose } from '../../activities/workbook/planning/propose.js';
import { missingColumns } from '../../job-types/fields/workbook/check-columns.js';
import {
  type OperationName,
  intents,
  operationNames,
  operations,
} from '../../job-types/fields/workbook/operations.js';
import { Plan, PlanStep, bindFilesOf, mostSteps } from '../../job-types/fields/workbook/plan.js';
import { failOnLeftovers } from '../harness/leftovers.js';

describe('the operations of a plan', () => {
  it('have an example that their own schema takes, and a schema that can be shown', () => {
    for (const operation of operationNames) {
      const { arguments: schema, example } = operations[operation];
      const once = schema.parse(example);
      expect(schema.parse(once)).toEqual(once);
      expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object' });
    }
    expect(new Set(operationNames.map((name) => operations[name].intent))).toEqual(new Set(intents));
  });

  it.each([
    [
      'normalization/apply',
      { normalizations: [{ column: 'a', type: 'TRIM' }] },
      { normalizations: [{ column_name: 'a', normalization_type: 'trim_whitespace' }] },
    ],
    [
      'excel/bind-single-key',
      { bind_file: 'b.xlsx', key_column: 'id' },
      { comparison_column: 'id', bind_columns: [] },
    ],
    ['excel/bind-multi-key', { bind_file: 'b.xlsx', key_column: 'id' }, { comparison_columns: ['id'] }],
    [
      'excel/search',
      { column: 'a', operator: '>', value: 3, output_format: 'excel' },
      { conditions: [{ column: 'a', operator: 'greater_than', value: 3 }], output_format: 'xlsx' },
    ],
    [
      'excel/search',
      { conditions: { column: 'a', operator: 'is_empty' }, logic: 'or' },
      { conditions: [{ column: 'a' }], logic: 'OR' },
    ],
    ['excel/map-columns', { renames: { old: 'new' } }, { mapping: { new: 'old' } }],
    ['excel/map-columns', {}, { mapping: {} }],
    [
      'sql/generate',
      { table: 't', database: 'Postgres' },
      { table_name: 't', database_type: 'postgresql', column_mapping: {} },
    ],
  ])('%s takes %j', (operation, given, canonical) => {
    expect(PlanStep.parse({ operation, arguments: given, step_id: 'x' })).toMatchObject({
      operation,
      arguments: canonical,
    });
  });

  it.each([
    ['excel/extract-columns-to-file', { columns: [] }, 'columns'],
    ['excel/search', { column: 'a', operator: 'between', value: 3 }, 'value'],
    ['excel/search', { column: 'a', operator: 'like', value: 3 }, 'operator'],
    ['excel/bind-single-key', { bind_file: '../b.xlsx', key_column: 'id' }, 'bind_file'],
    ['normalization/apply', { column: 'a', type: 'regex_replace' }, 'pattern'],
    ['normalization/apply', { column: 'a', type: 'custom_function' }, 'normalization_type'],
    ['csv/convert-to-excel', { sheet_name: 'a/b' }, 'sheet_name'],
    ['json/generate', { colums: [] }, ''],
  ])('%s refuses %j, and says where', (operation, given, field) => {
    const result = Plan.safeParse([{ operation, arguments: given }]);
    const paths = result.error?.issues.map(({ path }) => path.join('/')) ?? [];
    expect(paths.some((path) => path.startsWith('0/arguments') && path.endsWith(field))).toBe(true);
  });

  it('are refused beyond the most of a plan, and where nobody knows them', () => {
    const step = { operation: 'json/generate', arguments: {} };
    expect(Plan.safeParse(Array.from({ length: mostSteps + 1 }, () => step)).success).toBe(false);
    expect(Plan.safeParse([{ operation: 'os/system', arguments: {} }]).success).toBe(false);
  });

  it('say which files they bind', () => {
    const step = { operation: 'excel/bind-single-key', arguments: { bind_file: 'b.xlsx', key_column: 'id' } };
    expect(bindFilesOf(Plan.parse([step, step]))).toEqual(['b.xlsx']);
  });
});

describe('columns that a plan names', () => {
  const columns = ['id', 'name', 'city'];
  const told = (steps: object[]) =>
    missingColumns(Plan.parse(steps), { columns, others: { 'b.xlsx': ['id', 'note'] } });

  it('are looked for in what the step before leaves', () => {
    expect(
      told([
        { operation: 'excel/map-columns', arguments: { mapping: { full: 'name', no: 'town' } } },
        { operation: 'excel/extract-columns-to-file', arguments: { columns: ['full', 'city'] } },
        { operation: 'json/generate', arguments: {} },
        { operation: 'csv/search', arguments: { column: 'x', operator: 'is_empty' } },
      ]),
    ).toEqual([
      { step: 0, path: ['arguments', 'mapping', 'no'], name: 'town' },
      { step: 1, path: ['arguments', 'columns', 1], name: 'city' },
    ]);
  });

  it('are looked for in the other file too', () => {
    const given = { bind_file: 'b.xlsx', key_column: 'id', bind_columns: ['note', 'more'] };
    expect(told([{ operation: 'excel/bind-single-key', arguments: given }])).toEqual([
      { step: 0, path: ['arguments', 'bind_columns', 1], name: 'more' },
    ]);
  });
});

describe('a plan by rules', () => {
  const columns = ['id', 'First_Name', 'name', 'email', 'age', 'city'];
  const file = { name: 'people list.csv', columns };
  const others = [{ name: 'towns.xlsx', columns: ['city', 'country'] }];
  const plan = (message: string) => propose(message, { file, others });

  it.each([
    [
      'extract name, email and first name',
      'excel/extract-columns-to-file',
      { columns: ['name', 'email', 'First_Name'], remove_duplicates: false },
    ],
    [
      'get the unique columns city',
      'excel/extract-columns-to-file',
      { columns: ['city'], remove_duplicates: true },
    ],
    ['convert it to Excel', 'csv/convert-to-excel', { sheet_name: 'Sheet1' }],
    [
      'trim and uppercase the city',
      'normalization/apply',
      {
        normalizations: [
          { column_name: 'city', normalization_type: 'uppercase' },
          { column_name: 'city', normalization_type: 'trim_whitespace' },
        ],
      },
    ],
    [
      'clean the emails',
      'normalization/apply',
      { normalizations: [{ column_name: 'email', normalization_type: 'email_format' }] },
    ],
    [
      'generate SQL insert statements for MySQL into table people',
      'sql/generate',
      { table_name: 'people', database_type: 'mysql' },
    ],
    ['make SQL', 'sql/generate', { table_name: 'people_list', database_type: 'postgresql' }],
    ['export as JSON', 'json/generate', { columns: [] }],
    [
      'find rows where age is over 30 and city is New York',
      'csv/search',
      {
        conditions: [
          { column: 'age', operator: 'greater_than', value: 30 },
          { column: 'city', operator: 'equals', value: 'New York' },
        ],
        logic: 'AND',
      },
    ],
    [
      'show only rows where age between 20 and 30',
      'csv/search',
      { conditions: [{ column: 'age', operator: 'between', value: [20, 30] }] },
    ],
    [
      'filter where city is not empty',
      'csv/search',
      { conditions: [{ column: 'city', operator: 'is_not_empty' }] },
    ],
    [
      'join with towns.xlsx by city',
      'excel/bind-single-key',
      { bind_file: 'towns.xlsx', comparison_column: 'city', bind_columns: ['country'] },
    ],
    [
      'rename email to mail and first name to "Given name"',
      'excel/map-columns',
      { mapping: { mail: 'email', 'Given name': 'First_Name', id: 'id' } },
    ],
  ])('%s', (message, operation, given) => {
    const proposal = plan(message);
    expect(proposal).toMatchObject({ question: null, plan: [{ operation, arguments: given }] });
    expect(proposal.intent.type).toBe(operations[operation as keyof typeof operations].intent);
    expect(missingColumns(proposal.plan, { columns })).toEqual([]);
  });

  it('has several steps where the message has several thoughts', () => {
    const proposal = plan('rename email to mail, then extract mail and name; then convert to excel');
    expect(proposal.plan.map(({ operation }) => operation)).toEqual([
      'excel/map-columns',
      'excel/extract-columns-to-file',
      'csv/convert-to-excel',
    ]);
    expect(missingColumns(proposal.plan, { columns })).toEqual([]);
  });

  it.each(['extract the salary', 'filter where salary is 5', 'normalise salary', 'rename salary to pay'])(
    'asks rather than makes a column up: %s',
    (message) => {
      expect(plan(message)).toMatchObject({ plan: [], question: expect.stringContaining('First_Name') });
    },
  );

  it('finds a column with a hyphen or any other sign in its name', () => {
    for (const column of ['e-mail', 'a/b', 'p.o. (box)', 'x|y', 'c^2', '[d]', '{e}', 'f*', 'g\\h', '$i']) {
      const known = { file: { name: 'a.csv', columns: ['id', column] }, others: [] };
      const proposal = propose(`extract ${column}`, known);
      expect(proposal.plan).toMatchObject([{ arguments: { columns: [column] } }]);
    }
  });

  it('asks for a file, and for other words', () => {
    expect(propose('extract name', { file: null, others: [] })).toMatchObject({ plan: [], needsFile: true });
    expect(plan('hello there')).toMatchObject({ intent: { type: 'unknown', confidence: 0 }, plan: [] });
    expect(propose('merge the files', { file, others: [] })).toMatchObject({ plan: [], needsFile: false });
  });
});

describe('a plan by rules, of what no step takes', () => {
  const long = (length: number, place: number) => `${place}`.padStart(length, 'x');
  const headers = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => long(length, at));
  const all = ['clean all the data', 'extract all columns', 'trim and uppercase and round every column'];

  it.each([
    ['a column whose name is too long', headers(3, 256), all],
    ['more columns than are cleaned at once', headers(150, 20), [all[0]!, all[2]!]],
    ['a name that no database stores', ['half \ud800', 'zero \0'], all],
  ])('is no plan but a sentence for %s', (_, columns, messages) => {
    for (const message of messages) {
      const { plan, question } = propose(message, { file: { name: 'a.csv', columns }, others: [] });
      expect([plan, question]).toEqual([
        [],
        expect.stringMatching(/^The step \S+ cannot be run like that: /),
      ]);
    }
  });

  it('is a plan or a sentence for any message about any file', () => {
    const words = [
      'clean',
      'json',
      'extract',
      'rename',
      'sql',
      'join',
      'where',
      'all',
      'then',
      '>',
      '""',
      'ß',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 30 });
    const columns = fc.array(fc.oneof(fc.constantFrom('a', 'name', 'x'.repeat(300)), fc.string()));
    fc.assert(
      fc.property(text, columns, (said, names) => {
        const known = { name: 'a.csv', columns: names };
        const proposal = propose(said.join(' '), { file: known, others: [known] });
        const isPlan = Plan.safeParse(proposal.plan).success;
        expect(isPlan || (proposal.question ?? '')).toBeTruthy();
        expect(isPlan).toBe(proposal.plan.length > 0);
      }),
    );
  });
});

describe('a plan of a model', () => {
  const known = { columns: ['id', 'name'], others: [{ name: 'b.xlsx', columns: ['id', 'note'] }] };
  const said = (operation: OperationName, given: object) => ({
    steps: [{ operation, arguments: JSON.stringify(given), why: 'Because.' }],
  });

  it('is taken where all that it names is there', () => {
    const given = { columns: ['name'] };
    expect(proposedPlan(said('excel/extract-columns-to-file', given), known)).toMatchObject({
      plan: [{ operation: 'excel/extract-columns-to-file', arguments: given, description: 'Because.' }],
    });
    const bind = { bind_file: 'b.xlsx', key_column: 'id', bind_columns: ['note'] };
    expect(proposedPlan(said('excel/bind-single-key', bind), known).plan).not.toBeNull();
  });

  it.each([
    ['excel/extract-columns-to-file', { columns: ['name', 'salary'] }, 'step 1 names a column "salary"'],
    ['excel/bind-single-key', { bind_file: 'c.xlsx', key_column: 'id' }, 'there is no other file "c.xlsx"'],
    [
      'excel/bind-single-key',
      { bind_file: 'b.xlsx', key_column: 'id', bind_columns: ['more'] },
      'step 1 names a column "more"',
    ],
    ['json/generate', { colums: [] }, '/0/arguments'],
  ] as const)('is refused with what it made up: %s %j', (operation, given, wrong) => {
    expect(proposedPlan(said(operation, given), known)).toEqual({
      plan: null,
      wrong: expect.stringContaining(wrong),
    });
  });

  it('is refused without a step, and with arguments that are no JSON', () => {
    expect(proposedPlan({ steps: [] }, known).plan).toBeNull();
    const [step] = said('json/generate', {}).steps;
    expect(proposedPlan({ steps: [{ ...step!, arguments: '{' }] }, known).plan).toBeNull();
  });
});

failOnLeftovers();
