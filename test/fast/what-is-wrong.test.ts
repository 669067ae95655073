import { beforeAll, expect, it } from '@jest/globals';
import { z } from 'zod';
import { jobTypes } from '../../job-types/index.js';
import { toValidationProblem } from '../../src/problems/validation.js';
import { sayWhatIsWrong } from '../../src/what-is-wrong.js';

beforeAll(sayWhatIsWrong);

const complaintsOf = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

const kind = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('a') }),
  z.object({ kind: z.literal('b'), size: z.number() }),
]);

it.each<[string, z.ZodType, unknown, string]>([
  ['what is not there', z.string(), undefined, 'is missing'],
  ['nothing in place of a text', z.string(), null, 'has to be text'],
  ['a text in place of a number', z.number(), '1', 'has to be a number'],
  ['a part in place of a whole', z.int(), 1.5, 'has to be a whole number'],
  ['a text in place of a list', z.array(z.string()), 'a', 'has to be a list'],
  ['an empty text', z.string().min(1), '', 'is empty'],
  ['a short text', z.string().min(3), 'a', 'has fewer than 3 characters'],
  ['a long text', z.string().max(3), 'abcd', 'has more than 3 characters'],
  ['a text of another length', z.string().length(2), 'abc', 'has to have 2 characters'],
  ['an empty list', z.array(z.string()).min(1), [], 'is empty'],
  ['a long list', z.array(z.string()).max(1), ['a', 'b'], 'has more than 1 entry'],
  ['a low number', z.number().min(1), 0, 'is less than 1'],
  ['a number that has to be above', z.number().gt(0), 0, 'has to be more than 0'],
  ['a high number', z.number().max(9), 10, 'is more than 9'],
  ['no multiple', z.number().multipleOf(5), 7, 'has to be a multiple of 5'],
  ['none of a few', z.enum(['a', 'b', 'c']), 'd', 'has to be "a", "b" or "c"'],
  ['not the one', z.literal(true), false, 'has to be true'],
  ['no URL', z.url(), 'x', 'is no URL'],
  ['no time', z.iso.datetime(), 'x', 'is no time such as 2026-01-31T09:00:00Z'],
  ['another form', z.string().regex(/^a+$/), 'b', 'does not match /^a+$/'],
  ['another beginning', z.string().startsWith('a'), 'b', 'has to begin with "a"'],
  ['an unknown key', z.strictObject({}), { a: 1 }, 'has what is not known here: "a"'],
  [
    'a long key',
    z.strictObject({}),
    { ['a'.repeat(61)]: 1 },
    `has what is not known here: "${'a'.repeat(60)}…"`,
  ],
  [
    'none of values and kinds',
    z.union([z.literal('auto'), z.number()]),
    true,
    'has to be "auto" or a number',
  ],
  ['none of several kinds', z.union([z.string(), z.number()]), true, 'has to be text or a number'],
  [
    'nearly one of several',
    z.union([z.string(), z.object({ a: z.number() })]),
    { a: 'b' },
    'a has to be a number',
  ],
  ['an unknown kind', kind, { kind: 'c' }, 'has to be "a" or "b"'],
  [
    'a wrong name',
    z.record(z.string().max(1), z.int()),
    { ab: 1 },
    'has a name that has more than 1 character',
  ],
])('%s is told in the words of a person', (_, schema, value, message) => {
  expect(complaintsOf(schema, value)).toEqual([message]);
});

it('a schema that says itself what is wrong is left to say it', () => {
  expect(complaintsOf(z.string().min(2, 'is too short to be a name'), 'a')).toEqual([
    'is too short to be a name',
  ]);
});

const wrongValues = [
  undefined,
  null,
  '',
  'x',
  'x'.repeat(3_000_000),
  -1,
  0,
  1.5,
  1e12,
  true,
  [],
  [null],
  {},
  { a: 1 },
];
const ofZod = /expected|received|Invalid|Too (small|big)|Unrecognized|[<>]=/;

it.each(Object.values(jobTypes).map((type) => [type.name, type.input, type.example] as const))(
  'whatever is wrong with the input of %s, zod does not say it in its own words',
  (_, input, example) => {
    const fields = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
    expect(fields).not.toEqual([]);
    const inputs = [
      ...wrongValues,
      ...fields.flatMap((field) => wrongValues.map((value) => ({ ...example, [field]: value }))),
    ];
    const complaints = inputs.flatMap((value) => complaintsOf(input, value));
    expect(complaints.length).toBeGreaterThan(wrongValues.length / 2);
    expect(complaints.filter((said) => ofZod.test(said))).toEqual([]);
  },
);

it('points at a key that is not known, and where its name is long at what has it', () => {
  const schema = z.object({ inner: z.strictObject({}) });
  const long = 'a'.repeat(10_000);
  const { issues = [] } = schema.safeParse({ inner: { wish: 1, [long]: 2 } }).error ?? {};
  expect(toValidationProblem(issues).options.errors).toEqual([
    { pointer: '/inner/wish', detail: '"wish" is not known here' },
    { pointer: '/inner', detail: `"${'a'.repeat(60)}…" is not known here` },
  ]);
});
