import path from 'node:path';

/** At run time, and as types. */
const values = 'values';
/** Only as `import type` or `export type`, which leave nothing behind in the compiled file. */
const types = 'types';
const nothing = 'nothing';

const anyPackage = { 'npm:*': values, 'node:*': values };

/** What every job type is made of, and nothing of any one of them: job types may come from other repositories. */
const contract = { 'job-types/contract/': values, 'job-types/fields/': values };
const contractTypes = { 'job-types/contract/': types, 'job-types/fields/': types };

/** Files at the root of src/ that any room may use. */
const plainFiles = Object.fromEntries(
  [
    'boot-retry',
    'config',
    'limits',
    'logging',
    'page',
    'parts',
    'process',
    'pulse',
    'rounds',
    'what-is-wrong',
    'within',
  ].map((name) => [`src/${name}.ts`, values]),
);

/** The rooms of src/, from the top down. A room imports itself and what stands below it, never what stands beside it. */
const floors = [
  ['compat', 'library', 'usage', 'health', 'samples', 'home'],
  ['conversations'],
  ['jobs', 'cancel', 'events'],
  ['ends', 'lost-workers', 'files'],
  ['reading'],
  ['auth'],
  ['problems'],
  ['openapi'],
  ['temporal'],
  ['database'],
];

/** The rooms that are about certain job types: the APIs of other systems, and what people and jobs do together. */
const aboutTenants = new Set(['compat', 'library', 'conversations']);

/** A submit says whether the cost of its model is known, by the prices that its calls are billed by. */
const pricing = { jobs: { 'activities/providers/prices.ts': values } };

const house = {
  ...contract,
  'job-types/index.ts': values,
  'store/': values,
  'workflows/': types,
  ...anyPackage,
};

const rooms = Object.fromEntries(
  floors.flatMap((floor, index) =>
    floor.map((room) => {
      const below = floors.slice(index + 1).flat();
      const reach = Object.fromEntries([room, ...below].map((name) => [`src/${name}/`, values]));
      const tenants = aboutTenants.has(room) ? { 'job-types/': values } : {};
      return [`src/${room}/`, { ...house, ...tenants, ...plainFiles, ...reach, ...pricing[room] }];
    }),
  ),
);

/** The processes are put together at the root. */
const src = { 'src/': values, ...house };

/** The worker process is where activities get their dependencies. */
const worker = { ...src, 'activities/': values };

const tools = {
  ...worker,
  'job-types/': values,
  'workflows/': values,
  'client/': values,
  'scripts/': values,
  './': values,
};

/** The failure table and the ids of steps are plain, and fit for the sandbox. */
const plainData = Object.fromEntries(
  ['failures', 'make-failure', 'run-header', 'step-id'].map((name) => [
    `job-types/contract/${name}.ts`,
    values,
  ]),
);

const workflows = {
  'workflows/': values,
  // What the activities are called, and what they take and give.
  'activities/index.ts': types,
  'activities/frame/': types,
  ...plainData,
  'npm:@temporalio/workflow': values,
  'npm:@temporalio/common': values,
};

const activities = {
  'store/': values,
  ...anyPackage,
  'npm:@nestjs/*': nothing,
  'npm:fastify': nothing,
  'npm:@fastify/*': nothing,
  'npm:express': nothing,
  'npm:@temporalio/client': nothing,
  // The interface of an activity interceptor is declared in the worker's package.
  'npm:@temporalio/worker': types,
};

/** What the page is made of; `react/jsx-runtime` is part of `react`. */
const browserPackages = [
  ...['react', 'react-dom', 'eventsource-parser', 'markdown-it', 'diff', 'zod'],
  ...['@tanstack/react-query', '@tanstack/react-router', '@tanstack/react-form'],
];

/**
 * Who may import whom. The row is the longest one that the importing file's path starts with. The cell is the
 * longest one that the imported thing starts with. A thing is a file of this repository ("./" at its root), `npm:`
 * and a package, or `node:` and a module. What no cell covers is not allowed.
 */
export const table = {
  // What can be asked. The API, the workflows and the activities all read it, so it runs anywhere.
  'job-types/': { 'job-types/': values, 'npm:zod': values },

  // Temporal replays this code in a sandbox, so all of it, packages included, must be deterministic.
  'workflows/': { ...workflows, 'job-types/': types, 'activities/': types },
  'workflows/frame/': { ...workflows, 'workflows/': nothing, 'workflows/frame/': values, ...contractTypes },

  // Does the work without knowing who asked, or over which protocol.
  'activities/': { ...activities, 'activities/': values, 'job-types/': values },
  'activities/frame/': { ...activities, 'activities/frame/': values, ...contract },

  'store/': { 'store/': values, ...contractTypes, 'npm:kysely': values, 'npm:pg': values, 'node:*': values },

  'src/': src,
  ...rooms,
  'src/worker.ts': worker,
  'src/worker/': worker,

  // Generated, and whole by itself: it goes into other people's programs.
  'client/': { 'client/': values },
  'client/react/': { 'client/': values, 'npm:react': values },

  // Runs in a browser, and knows of the house what any client knows.
  'web/': {
    'web/': values,
    'client/': values,
    'job-types/': values,
    ...Object.fromEntries(browserPackages.map((name) => [`npm:${name}`, values])),
  },

  'scripts/': tools,
  'scripts/client-generator/': { 'npm:@hey-api/openapi-ts': values, 'node:*': values },
  'bench/': { ...tools, 'bench/': values, 'test/': values },
  'test/': { ...tools, 'test/': values, 'bench/': values },
};

/** Their imports may be computed: a harness loads what it is told to. */
const toolRows = new Set(['scripts/', 'bench/', 'test/']);

/** The key of `entries` that says most about `name`. */
function longestStart(entries, name) {
  const covers = (key) => {
    if (key.endsWith('/')) return name.startsWith(key);
    return key.endsWith('*') ? name.startsWith(key.slice(0, -1)) : name === key;
  };
  return Object.keys(entries)
    .filter(covers)
    .toSorted((a, b) => b.length - a.length)[0];
}

/** How the table calls a file of the repository; null outside of it. Files at the root become "./name". */
function fileName(root, file) {
  const name = path.relative(root, file).split(path.sep).join('/');
  if (name.startsWith('../')) return null;
  return name.includes('/') ? name.replace(/\.js$/, '.ts') : `./${name}`;
}

/** How the table calls what `specifier` means in `file`; null for a path that leaves the repository. */
function targetName(specifier, { root, file }) {
  if (/^\.{0,2}\//.test(specifier)) return fileName(root, path.resolve(path.dirname(file), specifier));
  if (specifier.startsWith('node:')) return specifier;
  const [scopeOrName, name] = specifier.split('/');
  return `npm:${scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName}`;
}

function complaint({ row, target, typeOnly }) {
  const cells = table[row];
  const key = target && longestStart(cells, target);
  const allowed = key ? cells[key] : nothing;
  if (allowed === values || (typeOnly && allowed !== nothing)) return null;
  if (allowed === types)
    return `${row} may import only types of ${key}: write "import type" (or "export type") before the braces`;
  return `${row} may not import ${target ?? 'from outside the repository'}`;
}

const literal = (node) => {
  if (node?.type === 'TSLiteralType') return literal(node.literal);
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return typeof node?.value === 'string' ? node.value : null;
};

const importTable = {
  create(context) {
    const root = context.cwd;
    const file = context.filename;
    const name = fileName(root, file);
    if (name === null || name.startsWith('./')) return {};
    const row = longestStart(table, name);

    const report = (node, message) =>
      context.report({ node, message: `${message}. The table is in scripts/lint/import-table.js.` });
    const check = (node, source, typeOnly = false) => {
      const specifier = literal(source);
      if (specifier === null && toolRows.has(row)) return;
      const says =
        specifier === null
          ? `${row} may not import a computed path, which nothing can check`
          : complaint({ row, target: targetName(specifier, { root, file }), typeOnly });
      if (says) report(node, says);
    };

    if (row === undefined) {
      return {
        Program: (node) =>
          report(node, `${name.split('/')[0]}/ has no row, so nobody knows what it may import`),
      };
    }
    return {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source),
      CallExpression: (node) =>
        node.callee.type === 'Identifier' && node.callee.name === 'require' && check(node, node.arguments[0]),
      TSImportType: (node) => check(node, node.source ?? node.argument, true),
      TSImportEqualsDeclaration: (node) =>
        node.moduleReference.type === 'TSExternalModuleReference' &&
        check(node, node.moduleReference.expression, node.importKind === 'type'),
    };
  },
};

// The form of a plugin: oxlint reads the default export.
export default { meta: { name: 'longhaul' }, rules: { 'import-table': importTable } };
