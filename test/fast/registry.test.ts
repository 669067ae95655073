import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answerSchema, jobTypeNamed, jobTypes } from '../../job-types/index.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

describe('a look-up by name', () => {
  it('finds what is registered under it', () => {
    expect(jobTypeNamed('extractArticle')).toBe(jobTypes.extractArticle);
    expect(answerSchema('extractArticle', 'review')).toBe(jobTypes.extractArticle.answers.review);
  });

  it.each(['constructor', '__proto__', 'toString', ''])('finds nothing under %p', (name) => {
    expect(jobTypeNamed(name)).toBeNull();
    expect(answerSchema(name, 'review')).toBeNull();
    expect(answerSchema('extractArticle', name)).toBeNull();
  });
});

/** What the compiler says of a copy of the job types and workflows, after a change. */
describe('the registry', () => {
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'longhaul-registry-'));
    const folders = ['job-types', 'workflows', 'activities', 'store', 'package.json', 'tsconfig.json'];
    await Promise.all(folders.map((name) => cp(join(root, name), join(copy, name), { recursive: true })));
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await writeFile(
      join(copy, 'job-types/forgotten.ts'),
      `import { defineJobType } from './contract/job-type.js';
       import { extractArticle } from './extract-article.js';
       export const forgotten = defineJobType({ ...extractArticle, name: 'forgotten' });`,
    );
  });
  afterEach(() => rm(copy, { recursive: true }));

  const change = async (file: string, [from, to]: readonly [RegExp, string]): Promise<void> => {
    const text = await readFile(join(copy, file), 'utf8');
    expect(text).toMatch(from);
    await writeFile(join(copy, file), text.replace(from, to));
  };

  /** @param entries as they would stand in the registry, beside those that do */
  const register = async (entries: string): Promise<void> => {
    const registered = [/= \{([^}]*?),?\s*\} satisfies/, `= {$1, ${entries} } satisfies`] as const;
    await change('job-types/index.ts', registered);
    await change('job-types/index.ts', [/^/, "import { forgotten } from './forgotten.js';\n"]);
  };

  /** @returns the errors, one a line; none when it compiles */
  const compile = async (): Promise<string[]> => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const config = { extends: './tsconfig.json', include: ['job-types', 'workflows', 'activities'] };
    await writeFile(join(copy, 'part.json'), JSON.stringify(config));
    const args = [tsc, '--noEmit', '--incremental', 'false', '--pretty', 'false', '-p', 'part.json'];
    const { stdout } = await run(process.execPath, args, { cwd: copy }).catch(
      (error: { stdout: string }) => error,
    );
    return stdout.split('\n').filter(Boolean);
  };

  it('does not compile with a type that has no workflow', async () => {
    await register('forgotten');
    expect((await compile())[0]).toMatch(/^workflows\/index\.ts.*Property 'forgotten' is missing/);
  });

  it('does not compile with a workflow that has no type', async () => {
    await change('workflows/index.ts', [/^/, "export { runJob } from './frame/run-job.js';\n"]);
    const [error, ...rest] = await compile();
    expect(error).toMatch(/^workflows\/index\.ts.*does not satisfy the constraint/);
    expect(rest.join('\n')).toContain("'runJob'");
  });

  it('does not compile with a workflow that returns something else than its type says', async () => {
    await register('forgotten');
    await change('workflows/index.ts', [/^/, "export { forgotten } from './forgotten.js';\n"]);
    const body = 'export const forgotten = async () => ({ newWords: 1 });';
    await writeFile(join(copy, 'workflows/forgotten.ts'), body);
    expect((await compile()).join('\n')).toContain('updatedWords');
  });

  it('does not compile with a type under another name than its own', async () => {
    await register('another: forgotten');
    expect((await compile())[0]).toMatch(/^job-types\/index\.ts.*does not satisfy the constraint/);
  });

  it('does not compile with a step or an answer that the type does not have', async () => {
    await change('workflows/extract-article.ts', [/'fetch'/, "'fetsh'"]);
    await change('workflows/extract-article.ts', [/'review'/, "'revue'"]);
    const errors = (await compile()).join('\n');
    expect(errors).toContain('"fetsh"');
    expect(errors).toContain('"revue"');
  });
});

failOnLeftovers();
