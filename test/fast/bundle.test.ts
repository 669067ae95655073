import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { workflowBundle } from '../../scripts/local/workflow-bundle.js';

const compiled = resolve(import.meta.dirname, '../..');
const root = resolve(compiled, '..');

/** The files a bundle was made of, read from the source map that ends it. */
function filesInside(code: string): string[] {
  const start = code.lastIndexOf('//# sourceMappingURL=data:application/json');
  const map = Buffer.from(code.slice(code.indexOf('base64,', start) + 'base64,'.length), 'base64').toString();
  return z.object({ sources: z.array(z.string()) }).parse(JSON.parse(map)).sources;
}

const packageOf = (file: string) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];

describe('the workflow bundle', () => {
  let files: string[];

  beforeAll(async () => {
    files = filesInside(await workflowBundle(resolve(compiled, 'workflows/index.js')));
  });

  it('contains exactly these packages', () => {
    const packages = new Set(files.flatMap((file) => packageOf(file) ?? []));
    expect([...packages].toSorted()).toEqual([
      '@temporalio/common',
      '@temporalio/workflow',
      'long',
      'ms',
      'nexus-rpc',
    ]);
  });

  it('contains no file of ours but the workflows and the plain data they read', () => {
    const ours = files
      .filter((file) => !packageOf(file) && file.startsWith(root))
      .map((file) => relative(root, file).replace(/^dist\//, ''));
    expect(ours).toContain('workflows/index.ts');
    const plainData = /^job-types\/contract\/(failures|make-failure|run-header|step-id)\.ts$/;
    const others = ours.filter((file) => !file.startsWith('workflows/') && !plainData.test(file));
    expect(others).toEqual([]);
  });

  it('keeps nothing in a module that changes: a worker evaluates each once, for all its runs', () => {
    const changes =
      /^(export )?(let|var) |^(export )?const \w+(: (?!Readonly)[^=]+)? = (new (Map|Set|WeakMap|WeakSet)\b|\[\];|\{\};)/m;
    const ours = files.filter((file) => !packageOf(file) && file.startsWith(root) && file.endsWith('.ts'));
    const sources = ours.map((file) => resolve(root, relative(root, file).replace(/^dist\//, '')));
    expect(sources.filter((file) => changes.test(readFileSync(file, 'utf8')))).toEqual([]);
    expect(changes.test('const seen = new Map();\nlet present: Headers = {};')).toBe(true);
  });
});
