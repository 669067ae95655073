import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { paths, root, topFolders } from '../harness/repository.js';
import { failures } from '../../job-types/contract/failures.js';
import { jobTypes } from '../../job-types/index.js';
import { configSchema } from '../../src/config.js';
import { problems } from '../../src/problems/problems.js';

const pages = paths
  .filter((file) => /^(docs\/)?[^/]+\.md$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const everything = pages.map(({ text }) => text).join('\n');
const readme = pages.find(({ file }) => file === 'README.md')?.text ?? '';

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
/** What stands in backticks within a line. */
const quoted = (text: string) => matches(text, /(?<!`)`([^`\n]+)`(?!`)/g);
const without = (wanted: string[], known: string[]) =>
  [...new Set(wanted)].filter((one) => !known.includes(one));

const variables = Object.keys(configSchema.shape);
const problemCodes = [...Object.keys(failures), ...Object.keys(problems)];

/** Written like a variable of ours, and a word of HTTP, SQL, Temporal, a shell or an operating system. */
const wordsInCapitals = [
  ...['HEAD', 'POST', 'PATCH', 'DELETE', 'JSON', 'ETAG'],
  ...['NOTIFY', 'LISTEN', 'SELECT', 'INSERT', 'UPDATE'],
  ...['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'RUNNING'],
  ...['REJECT_DUPLICATE', 'TRY_CANCEL', 'WAIT_CANCELLATION_COMPLETED', 'INDEXED_VALUE_TYPE'],
  ...['SIGTERM', 'SIGINT', 'SIGKILL', 'PATH', 'NODE_OPTIONS', 'COMPOSE_PROJECT_NAME'],
  // Read by the tests themselves, in test/harness/rounds.ts.
  'THOROUGH',
];

describe('the documentation names', () => {
  it('every job type', () => {
    expect(without(Object.keys(jobTypes), quoted(everything))).toEqual([]);
  });

  it('every job type, in one table of the README', () => {
    const cell = /^\| ((?:`\w+`(?:, )?)+) \|/gm;
    const tables = readme.split(/\n\n/).filter((part) => matches(part, cell).length > 0);
    const rows = tables.map((table) => matches(table, cell).flatMap(quoted).toSorted());
    expect(rows).toEqual([Object.keys(jobTypes).toSorted()]);
  });

  it('every problem code', () => {
    expect(
      without(
        problemCodes,
        quoted(everything).map((code) => code.replace('/problems/', '')),
      ),
    ).toEqual([]);
  });

  it('every variable', () => {
    expect(without(variables, quoted(everything))).toEqual([]);
  });

  it('every folder, on the map in the README', () => {
    expect(topFolders.filter((folder) => !readme.includes(`${folder}/`))).toEqual([]);
  });
});

/** "`name` in `file`", "`name` and `other` in `file`": where the page says that something is. */
const placed =
  /((?:`\w+`(?:, | and ))*`\w+`) in (?:the newest migration that replaces it \()?`([\w./-]+\.ts)`/g;

it('the architecture names no function that is not in the file it names', () => {
  const page = pages.find(({ file }) => file === 'docs/architecture.md')?.text.replaceAll(/\s+/g, ' ') ?? '';
  const found = [...page.matchAll(placed)].flatMap(([, names = '', file = '']) =>
    quoted(names).map((name) => ({ name, file })),
  );
  expect(found.length).toBeGreaterThan(15);
  const gone = found.filter(({ name, file }) => {
    const code = readFileSync(join(root, file), 'utf8');
    return !new RegExp(`\\b${name}\\b`).test(code);
  });
  expect(gone).toEqual([]);
});

describe.each(pages)('$file says nothing untrue about', ({ file, text }) => {
  it('variables', () => {
    const named = quoted(text).filter((word) => /^[A-Z][A-Z0-9_]{3,}$/.test(word));
    const assigned = matches(text, /(?<![\w$-])([A-Z][A-Z0-9_]{3,})=/g);
    expect(without([...named, ...assigned], [...variables, ...wordsInCapitals])).toEqual([]);
  });

  it('problem codes', () => {
    expect(without(matches(text, /(?<!src)\/problems\/([a-z0-9-]+)/g), problemCodes)).toEqual([]);
  });

  it('npm scripts', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const named = [...matches(text, /\bnpm run ([\w:-]+)/g), ...matches(text, /\bnpm (start|stop|test)\b/g)];
    expect(without(named, Object.keys(scripts))).toEqual([]);
  });

  it('where links lead', () => {
    const targets = matches(text, /\]\(([^)\s]+)\)/g)
      .filter((target) => !/^(\w+:|#)/.test(target))
      .map((target) => target.replace(/#.*$/, ''));
    expect(targets.filter((target) => !existsSync(resolve(root, dirname(file), target)))).toEqual([]);
  });

  it('files and folders', () => {
    const named = quoted(text)
      .filter((path) => /^(\.{1,2}\/)?[\w.-]+(\/[\w.-]+)*\/?$/.test(path))
      .filter(
        (path) =>
          topFolders.some((folder) => path.startsWith(`${folder}/`)) ||
          /\.(ts|m?js|json|ya?ml|sh|md)$/.test(path),
      )
      .map((path) => path.replace(/^(\.{1,2}\/)+|\/$/g, ''));
    // In the context of its folder a file goes by its own name.
    expect(named.filter((path) => !paths.some((one) => one === path || one.endsWith(`/${path}`)))).toEqual(
      [],
    );
  });
});
