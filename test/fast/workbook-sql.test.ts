import { afterAll, describe, expect, it } from '@jest/globals';
import { tableFolder } from '../harness/tables.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const folder = tableFolder();
afterAll(() => folder.remove());
const { put, run, text } = folder;

const operation = 'sql/generate-custom-to-text';
const filled = async (database_type: string, template: string, value = `\\'; DROP TABLE x; --`) => {
  const input = put('a.csv', `a,n\n"${value}",-5\n`);
  return (await text(await run(input, operation, { template, database_type }))).trimEnd();
};

describe('a place in a template where a value could get out', () => {
  const everywhere = [
    "'open {a}",
    '/* open {a}',
    '-- {a}',
    '/* {a} */',
    '"{a}"',
    'x{a}',
    '{a}x',
    '{a}{a}',
    `'x'{a}`,
    `{a}'x'`,
    '\\set x {a}',
  ];
  const cases: Record<string, string[]> = {
    postgresql: [
      "E'{a}'",
      "e'x {a}'",
      "U&'{a}'",
      "B'{a}'",
      '$${a}$$',
      '$x$ {a} $x$',
      '$x$ $$ {a} $$ $x$',
      '$x$ {a}',
      '/* /* */ {a} */',
      '/* /* */ {a}',
      `SELECT E'x'\n{a}`,
      `SELECT E'x' -- y\n '{a}'`,
      `SELECT E'\\' {a}`,
      `wordE'{a}'`,
      `1E'{a}'`,
      `:'{a}'`,
      `:{a}`,
      `E{a}`,
      `U&{a}`,
      'x${a}',
    ],
    mysql: [
      '# {a}',
      "SELECT 5--'\n {a} --'",
      '/*! {a} */',
      "/*! ' */ {a} /*! ' */",
      "/*M! ' */ {a} /*M! ' */",
      '`{a}`',
      '"x {a}"',
      "_utf8'{a}'",
      "N'{a}'",
      "'\\{a}'",
      "'x\\\\\\{a}'",
      '@{a}',
      "'\\' {a}",
      "--\u00a0'\n{a} --\u00a0'",
    ],
    sqlite: ['[{a}]', "[it's] {a} [it's", '`{a}`', "x'{a}'"],
  };
  const all = Object.entries(cases).flatMap(([database, templates]) =>
    [...everywhere, ...templates].map((template): [string, string] => [database, template]),
  );
  it.each(all)('is refused by a sentence in %s: %j', async (database, template) => {
    await expect(filled(database, template)).rejects.toMatchObject({
      code: 'operation-refused',
      message: expect.stringMatching(/^The template has .*\.$/),
    });
  });
});

describe('a value in a template', () => {
  it.each([
    [
      'postgresql',
      `SELECT {a}, '{a}', 'x {a}', E'it\\'s', $q$it's$q$ /* it's /* */ */ -- it's`,
      `SELECT '\\''; D', '\\''; D', 'x \\''; D', E'it\\'s', $q$it's$q$ /* it's /* */ */ -- it's`,
    ],
    [
      'mysql',
      `SELECT {a}, 'x {a}', 'it\\'s', \`it's\`, "it's" # it's`,
      `SELECT '\\\\''; D', 'x \\\\''; D', 'it\\'s', \`it's\`, "it's" # it's`,
    ],
    [
      'sqlite',
      `SELECT {a}, 'x {a}', [it's], \`it's\` -- it's`,
      `SELECT '\\''; D', 'x \\''; D', [it's], \`it's\` -- it's`,
    ],
    [
      'postgresql',
      `SELECT {n}, 5-{n}, '{n}', -'{n}', {a}::text, ({a})`,
      `SELECT -5, 5-(-5), -5, -(-5), '\\''; D'::text, ('\\''; D')`,
    ],
    ['postgresql', `-- x\r '\n {a} -- '`, `-- x\r '\n \\''; D -- '`],
    ['mysql', `# '\n {a} # '`, `# '\n '\\\\''; D' # '`],
  ])('stays a value in %s: %s', async (database, template, expected) => {
    expect(await filled(database, template, `\\'; D`)).toBe(expected);
  });

  it('may touch a word where it is the own number of a row', async () => {
    const template = "INSERT INTO t{auto_id} VALUES ('row-{auto_id}', {O'Brien});";
    const auto_increment = { enabled: true, increment_type: 'manual_sequence' };
    const made = await run(put('a.csv', `O'Brien,b\n5,x\n`), operation, { template, auto_increment });
    expect(await text(made)).toBe("INSERT INTO t1 VALUES ('row-1', 5);\n");
  });
});

failOnLeftovers();
