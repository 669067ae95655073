import { afterAll, describe, expect, it } from '@jest/globals';
import { missingColumns } from '../../job-types/fields/workbook/check-columns.js';
import { Plan } from '../../job-types/fields/workbook/plan.js';
import type { OperationName } from '../../job-types/fields/workbook/operations.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { tableFolder } from '../harness/tables.js';

const folder = tableFolder();
afterAll(() => folder.remove());

const columns = ['id', 'Name', 'city', 'City'];
const others = { 'towns.csv': ['city', 'Country', 'CODE'] };

/** Steps, each with its arguments. */
type Steps = (readonly [OperationName, object])[];

/** What the run says of its first column that is not there; null when it runs. */
async function missingInRun(steps: Steps): Promise<string | null> {
  const other = folder.put('towns.csv', 'city,Country,CODE\nLyon,France,7\n');
  let input = folder.put('people.csv', `${columns.join(',')}\n1,Ann,Lyon,x\n2,Bob,Nice,y\n`);
  for (const [place, [operation, given]] of steps.entries()) {
    try {
      const made = await folder.run(input, operation, given, other);
      if (made.isNext) input = made.file;
    } catch (error) {
      if ((error as { code?: string }).code !== 'column-missing') throw error;
      return `step ${place}`;
    }
  }
  return null;
}

const search = (column: string) => ['csv/search', { column, operator: 'is_not_empty' }] as const;
const bind = (given: object) => ['excel/bind-single-key', { bind_file: 'towns.csv', ...given }] as const;

/** Every way to name a column. Half of them are there by another case, with spaces, or in a mapping that is turned. */
const plans: Steps[] = [
  ...['id', 'ID ', 'name', 'city', 'City', 'CITY', 'none'].flatMap((name): Steps[] => [
    [['excel/extract-columns', { columns: [name] }]],
    [['excel/extract-columns-to-file', { columns: [name] }]],
    [['normalization/apply', { column: name, type: 'trim' }]],
    [search(name)],
    [bind({ key_column: name })],
    [['excel/bind-multi-key', { bind_file: 'towns.csv', key_columns: ['city', name] }]],
    [['json/generate', { columns: [name] }]],
    [['sql/generate', { columns: [name] }]],
    [['sql/generate-to-text', { columns: [name] }]],
    [['excel/map-columns', { mapping: { new: name } }]],
    [['excel/map-columns', { mapping: { [name]: 'new' } }]],
    [['excel/map-columns', { mapping: { [name]: 'new', id: 'other' } }]],
    [['json/generate', { column_mapping: { new: name } }]],
    [['json/generate', { column_mapping: { [name]: 'new' } }]],
    [['json/generate', { columns: ['nobody'], column_mapping: { [name]: 'new' } }]],
    [['json/generate-with-template', { template: { a: '{x}' }, column_mapping: { x: name } }]],
    [['sql/generate', { column_mapping: { new: name } }]],
    [['sql/generate', { column_mapping: { [name]: 'new' } }]],
    [['sql/generate', { template: 'SELECT {id};', column_mapping: { unused: name } }]],
    [['sql/generate-custom-to-text', { template: 'SELECT {id};', columns: [name] }]],
    [['excel/map-columns', { mapping: { New: 'id', town: 'city' } }], search(name)],
    [['excel/map-columns', { mapping: {} }], search(name)],
    [['excel/extract-columns-to-file', { columns: ['NAME', 'id'] }], search(name)],
    [['csv/convert-to-excel', {}], search(name)],
    [['excel/extract-columns', { columns: ['id'] }], search(name)],
    [['csv/search', { column: 'id', operator: 'is_not_empty', output_format: 'json' }], search(name)],
  ]),
  ...['Country', 'country', 'CODE', 'code', 'none', 'id'].flatMap((name): Steps[] => [
    [bind({ key_column: 'city', bind_columns: [name] })],
    [bind({ key_column: 'city', bind_columns: ['country'] }), search(name)],
    [bind({ key_column: 'city' }), search(name)],
    [['excel/bind-multi-key', { bind_file: 'towns.csv', key_columns: ['city'] }], search(name)],
  ]),
  ...['Name_original', 'name_ORIGINAL', 'id_original', 'Name'].map((name): Steps => [
    ['normalization/apply', { column: 'name', type: 'trim', backup: true }],
    search(name),
  ]),
];

describe('what is said of the columns of a plan before it runs', () => {
  it.each(plans.map((steps) => [JSON.stringify(steps), steps] as const))(
    'is what its run says: %s',
    async (_, steps) => {
      const plan = Plan.parse(steps.map(([operation, given]) => ({ operation, arguments: given })));
      const [first] = missingColumns(plan, { columns, others });
      expect(first ? `step ${first.step}` : null).toBe(await missingInRun(steps));
    },
  );
});

failOnLeftovers();
