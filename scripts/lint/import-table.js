import path from 'node:path';

/** At run time, and as types. */
const values = 'values';
/** Only as `import type` or `export type`, which leave nothing behind in the compiled file. */
const types = 'types';
const nothing = 'nothing';
/** These names at run time, and types. */
const named = (...names) => ({ named: names });

const anyPackage = { 'npm:*': values, 'node:*': values };

const src = {
  'src/': values,
  'job-types/': values,
  'store/': values,
  'workflows/': types,
  // The pages under /problems and the status of a job are made from this table.
  'activities/failures.ts': named('failures'),
  ...anyPackage,
};

/** The worker process is where activities get their dependencies. */
const worker = { ...src, 'activities/': values, 'activities/failures.ts': values };

const tools = { ...worker, 'workflows/': values, 'client/': values, 'scripts/': values, './': values };

/**
 * Who may import whom. The row is the longest one that the importing file's path starts with, the cell the longest one
 * that the imported thing starts with: a file of this repository ("./" for those at its root), `npm:` and a package,
 * or `node:` and a module. What no cell covers is not allowed.
 */
export const table = {
  // What can be asked. The API, the workflows and the activities all read it, so it runs anywhere.
  'job-types/': { 'job-types/': values, 'npm:zod': values },

  // Temporal replays this code in a sandbox, so all of it, packages included, must be deterministic.
  'workflows/': {
    'workflows/': values,
    'job-types/': types,
    'activities/': types,
    'npm:@temporalio/workflow': values,
    'npm:@temporalio/common': values,
  },

  // Does the work without knowing who asked, or over which protocol.
  'activities/': {
    'activities/': values,
    'job-types/': values,
    'store/': values,
    ...anyPackage,
    'npm:@nestjs/*': nothing,
    'npm:fastify': nothing,
    'npm:@fastify/*': nothing,
    'npm:express': nothing,
    'npm:@temporalio/client': nothing,
    // The interface of an activity interceptor is declared in the worker's package.
    'npm:@temporalio/worker': types,
  },

  'store/': {
    'store/': values,
    'job-types/': types,
    'npm:kysely': values,
    'npm:pg': values,
    'node:*': values,
  },

  'src/': src,
  'src/worker.ts': worker,
  'src/worker/': worker,

  // Generated, and whole by itself: it goes into other people's programs.
  'client/': { 'client/': values },

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

/** The names an import or a re-export takes at run time; null when that is the whole module. */
function namesTaken(node) {
  const specifiers = node.specifiers ?? [];
  const taken = specifiers.filter((one) => (one.importKind ?? one.exportKind) !== 'type');
  const simple = taken.every((one) => one.type === 'ImportSpecifier' || one.type === 'ExportSpecifier');
  if (specifiers.length === 0 || !simple) return null;
  return taken.map((one) => (one.imported ?? one.local).name);
}

function complaint({ row, target, node, typeOnly }) {
  const cells = table[row];
  const key = target && longestStart(cells, target);
  const allowed = key ? cells[key] : nothing;
  if (allowed === values || (typeOnly && allowed !== nothing)) return null;
  if (allowed === types)
    return `${row} may import only types of ${key}: write "import type" (or "export type") before the braces`;
  if (allowed === nothing) return `${row} may not import ${target ?? 'from outside the repository'}`;
  if (namesTaken(node)?.every((name) => allowed.named.includes(name))) return null;
  return `${row} may import of ${key} only types and ${allowed.named.join(', ')}, by name`;
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
          : complaint({ row, target: targetName(specifier, { root, file }), node, typeOnly });
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
