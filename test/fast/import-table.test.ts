import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../../..');

interface Case {
  /** Ends in "/": a file in that folder. */
  from: string;
  code: string;
}

const refused: Case[] = [
  { from: 'job-types/', code: `import { a } from '../store/a.js'; a();` },
  { from: 'job-types/', code: `import type { A } from '../activities/a.js'; export type B = A;` },
  { from: 'job-types/', code: `import { readFile } from 'node:fs'; readFile;` },
  { from: 'job-types/', code: `import { z } from 'kysely'; z;` },
  { from: 'workflows/', code: `import { a } from '../activities/a.js'; a();` },
  { from: 'workflows/', code: `import { type A } from '../activities/a.js'; export type B = A;` },
  { from: 'workflows/', code: `import '../job-types/index.js';` },
  { from: 'workflows/', code: `export * from '../job-types/index.js';` },
  { from: 'workflows/', code: `export { a } from '../job-types/index.js';` },
  { from: 'workflows/', code: `export const a = () => import('../activities/a.js');` },
  { from: 'workflows/', code: `export const a = (name: string) => import(name);` },
  { from: 'workflows/', code: `export const a = () => import(\`../activities/a.js\`);` },
  { from: 'workflows/', code: `export const a = require('../activities/a.js');` },
  { from: 'workflows/', code: `import a = require('../activities/a.js'); a;` },
  { from: 'workflows/', code: `import { a } from '@temporalio/client'; a;` },
  { from: 'workflows/', code: `import { z } from 'zod'; z;` },
  { from: 'workflows/', code: `import { setTimeout } from 'timers/promises'; setTimeout;` },
  { from: 'workflows/deep/', code: `import { a } from '../../store/a.js'; a;` },
  { from: 'workflows/', code: `export type A = import('../store/a.js').A;` },
  { from: 'activities/', code: `import type { A } from '../workflows/a.js'; export type B = A;` },
  { from: 'activities/', code: `import { loadConfig } from '../src/config.js'; loadConfig();` },
  { from: 'activities/', code: `import { Injectable } from '@nestjs/common'; Injectable;` },
  {
    from: 'activities/',
    code: `import type { FastifyRequest } from 'fastify'; export type A = FastifyRequest;`,
  },
  { from: 'activities/', code: `import { Worker } from '@temporalio/worker'; Worker;` },
  { from: 'activities/', code: `import { Client } from '@temporalio/client'; Client;` },
  { from: 'store/', code: `import { jobTypes } from '../job-types/index.js'; jobTypes;` },
  { from: 'store/', code: `import { failures } from '../activities/frame/step-failure.js'; failures;` },
  { from: 'store/', code: `import { z } from 'zod'; z;` },
  { from: 'src/', code: `import { extractArticle } from '../workflows/index.js'; extractArticle;` },
  { from: 'src/jobs/', code: `import { fetch } from '../../activities/article.js'; fetch;` },
  {
    from: 'src/jobs/',
    code: `import type { Step } from '../../activities/frame/step.js'; export type A = Step;`,
  },
  { from: 'src/', code: `import { StepFailure } from '../activities/frame/step-failure.js'; StepFailure;` },
  { from: 'src/', code: `import * as all from '../activities/frame/step-failure.js'; all;` },
  { from: 'src/', code: `import { harness } from '../test/harness.js'; harness;` },
  { from: 'src/', code: `import { stack } from '../scripts/stack.js'; stack;` },
  { from: 'scripts/', code: `import { a } from '../test/a.js'; a;` },
  { from: 'scripts/', code: `import { a } from '../bench/a.js'; a;` },
  { from: 'src/', code: `import { a } from '../../elsewhere/a.js'; a;` },
  { from: 'workflows/frame/', code: `import type { A } from '../../job-types/ask.js'; export type B = A;` },
  { from: 'workflows/frame/', code: `import { policies } from '../policies.js'; policies;` },
  { from: 'activities/frame/', code: `import { a } from '../article.js'; a;` },
  { from: 'activities/frame/', code: `import type { A } from '../../job-types/ask.js'; export type B = A;` },
  { from: 'store/', code: `import type { A } from '../job-types/extract-article.js'; export type B = A;` },
  { from: 'src/', code: `import { extractArticle } from '../job-types/extract-article.js'; extractArticle;` },
  { from: 'src/jobs/', code: `import type { A } from '../../job-types/ask.js'; export type B = A;` },
  { from: 'src/reading/', code: `import { JobsService } from '../jobs/jobs.service.js'; JobsService;` },
  { from: 'src/jobs/', code: `import { Canceller } from '../cancel/canceller.js'; Canceller;` },
  { from: 'src/database/', code: `import type { Run } from '../reading/run.js'; export type A = Run;` },
  { from: 'src/reading/', code: `import { createApi } from '../api.js'; createApi;` },
  { from: 'attic/', code: `export const a = 1;` },
];

const allowed: Case[] = [
  { from: 'job-types/', code: `import { z } from 'zod'; import { a } from './a.js'; z; a;` },
  { from: 'workflows/', code: `import type { A } from '../activities/a.js'; export type B = A;` },
  { from: 'workflows/', code: `export type * from '../job-types/index.js';` },
  { from: 'workflows/', code: `export type A = import('../activities/a.js').A;` },
  {
    from: 'workflows/',
    code: `import { sleep } from '@temporalio/workflow'; export { a } from './a.js'; sleep;`,
  },
  {
    from: 'activities/',
    code: `import { a } from '../store/a.js'; import { generateText } from 'ai'; a; generateText;`,
  },
  {
    from: 'activities/',
    code: `import type { Next } from '@temporalio/worker'; export type A = Next<never, never>;`,
  },
  {
    from: 'store/',
    code: `import { Pool } from 'pg'; import { PostgresDialect } from 'kysely/dialect'; Pool; PostgresDialect;`,
  },
  { from: 'store/', code: `import { createHash } from 'node:crypto'; createHash;` },
  { from: 'src/', code: `import { failures } from '../job-types/contract/failures.js'; failures;` },
  { from: 'workflows/', code: `import { failures } from '../job-types/contract/failures.js'; failures;` },
  { from: 'workflows/frame/', code: `import { stepOf } from '../../job-types/contract/step-id.js'; stepOf;` },
  {
    from: 'workflows/frame/',
    code: `import type { A } from '../../activities/index.js'; export type B = A;`,
  },
  {
    from: 'workflows/',
    code: `import type { A } from '../job-types/extract-article.js'; export type B = A;`,
  },
  { from: 'activities/', code: `import { a } from '../job-types/extract-article.js'; a;` },
  { from: 'src/jobs/', code: `import { jobTypes } from '../../job-types/index.js'; jobTypes;` },
  { from: 'src/jobs/', code: `import { JobReader } from '../reading/job-reader.js'; JobReader;` },
  { from: 'src/compat/', code: `import { a } from '../../job-types/extract-article.js'; a;` },
  {
    from: 'src/',
    code: `import type * as workflows from '../workflows/index.js'; export type A = typeof workflows;`,
  },
  { from: 'src/worker.ts', code: `import { a } from '../activities/a.js'; a;` },
  {
    from: 'src/worker/',
    code: `import { StepFailure } from '../../activities/frame/step-failure.js'; StepFailure;`,
  },
  {
    from: 'scripts/',
    code: `import { a } from '../workflows/index.js'; export const b = (c: string) => import(c); a;`,
  },
  { from: 'bench/', code: `import { a } from '../test/a.js'; a;` },
  { from: 'test/', code: `import { a } from '../bench/a.js'; a;` },
  { from: 'test/', code: `import { a } from '../src/a.js'; import { b } from '../jest.config.js'; a; b;` },
];

const Report = z.object({
  number_of_files: z.int(),
  diagnostics: z.array(z.object({ code: z.string().optional(), filename: z.string(), message: z.string() })),
});

/** What the rule says of each file of a repository that holds just these, by its path. */
async function lint(files: Map<string, string>): Promise<Map<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'longhaul-import-table-'));
  try {
    for (const [file, code] of files) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), code);
    }
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const args = [oxlint, '-c', join(root, '.oxlintrc.json'), '--format=json'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory }).catch(
      (failure: unknown) => z.object({ stdout: z.string() }).parse(failure),
    );
    const report = Report.parse(JSON.parse(stdout));
    expect(report.number_of_files).toBe(files.size);
    const ours = report.diagnostics.filter(({ code }) => code?.includes('import-table'));
    return new Map(ours.map(({ filename, message }) => [filename, message]));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** "store/" and its like: what git would track, and holds TypeScript or JavaScript. */
async function foldersWithCode(): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|coverage$)/.test(entry.name))
    .map((entry) => entry.name);
  const contents = await Promise.all(folders.map((name) => readdir(join(root, name), { recursive: true })));
  return folders
    .filter((_, index) => contents[index]?.some((file) => /\.[cm]?[jt]sx?$/.test(file)))
    .map((name) => `${name}/`);
}

const named = (cases: Case[], prefix: string) =>
  cases.map((one, index) => ({
    ...one,
    file: one.from.endsWith('/') ? `${one.from}${prefix}-${index}.ts` : one.from,
  }));

describe('the import table', () => {
  const planted = named(refused, 'refused');
  const harmless = named(allowed, 'allowed');
  let said: Map<string, string>;

  beforeAll(async () => {
    said = await lint(new Map([...planted, ...harmless].map(({ file, code }) => [file, code])));
  });

  it.each(planted)('refuses in $from: $code', ({ file }) => {
    expect(said.get(file)).toContain('The table is in scripts/lint/import-table.js');
  });

  it.each(harmless)('lets pass in $from: $code', ({ file }) => {
    expect(said.get(file)).toBeUndefined();
  });

  it('has a row for every folder with code in it', async () => {
    const { table } = z
      .object({ table: z.record(z.string(), z.unknown()) })
      .parse(await import(join(root, 'scripts/lint/import-table.js')));
    expect(Object.keys(table)).toEqual(expect.arrayContaining(await foldersWithCode()));
  });
});
