import { beforeAll, describe, expect, it } from '@jest/globals';
import { RE2JS } from 're2js';
import { z } from 'zod';
import { currentDocument } from '../../scripts/client/document.js';
import { jobTypes } from '../../job-types/index.js';
import { atHome } from '../../src/openapi/examples.js';
import { portablePattern } from '../../src/openapi/portable-pattern.js';
import { withoutProblemBodies } from '../../src/openapi/shared-problems.js';
import { JobRequest, Tag } from '../../src/jobs/job-request.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let document: Awaited<ReturnType<typeof currentDocument>>;

beforeAll(async () => {
  document = await currentDocument();
});

/** Every value under this name, wherever it stands. */
function valuesOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...(key === name ? [child as unknown] : []),
    ...valuesOf(child, name),
  ]);
}

const operations = () =>
  Object.values(document.paths).flatMap(
    (methods) => Object.values(methods) as { responses: object; tags?: string[] }[],
  );

describe('the patterns of the document', () => {
  const patterns = () => [...new Set(valuesOf(document, 'pattern').filter((one) => typeof one === 'string'))];

  it('compile in languages whose expressions are those of RE2, and mean what they say', () => {
    expect(patterns().length).toBeGreaterThan(3);
    for (const pattern of patterns()) {
      const theirs = RE2JS.compile(pattern);
      const ours = new RegExp(pattern, 'u');
      for (const text of ['a', 'a b', 'ñ', '1', '12', '"', "'", 'a\u0000b', 'a\u0085', 'A_-9', '🦞', '']) {
        expect([pattern, text, theirs.matcher(text).find()]).toEqual([pattern, text, ours.test(text)]);
      }
    }
  });

  it('hold nothing that only some languages know', () => {
    // Python has no classes by property, RE2 neither code units nor looking around nor what was found before.
    const rare = /\\[pPuUkXRQE1-9]|\(\?(?!:)|[*+?}]\+|\[\[|&&/;
    expect(patterns().filter((pattern) => rare.test(pattern))).toEqual([]);
  });

  it('say of a tag what the API says', () => {
    const { pattern = '' } = z.toJSONSchema(Tag) as { pattern?: string };
    const portable = new RegExp(portablePattern(pattern), 'u');
    for (const tag of ['a', "it's", "'a", 'a"', 'a\\', 'a\u0000', '\u009f', 'a\u00a0', 'ü', "a'"]) {
      expect([tag, portable.test(tag)]).toEqual([tag, Tag.safeParse(tag).success]);
    }
  });
});

describe('a problem', () => {
  it('that many routes answer is written once', () => {
    // Those of other systems have refusals of another form beside it.
    const ours = operations().filter(({ tags }) => !tags?.includes('compatible'));
    expect(ours.flatMap(({ responses }) => valuesOf(responses, 'application/problem+json'))).toEqual([]);
    expect(Object.keys(document.components?.responses ?? {})).toEqual(
      expect.arrayContaining([
        'Guard401',
        'Problem404',
        'Problem413',
        'Problem422',
        'Problem429',
        'Problem503',
      ]),
    );
  });

  it('has one line on the page for people, and the page says once what all look like', () => {
    const page = withoutProblemBodies(document);
    expect(valuesOf(page.paths, 'application/problem+json')).toEqual([]);
    expect(valuesOf(page.paths, '$ref').filter((ref) => String(ref).includes('/responses/'))).toEqual([]);
    expect(page.info.description).toMatch(/application\/problem\+json/);
    const statuses = ({ responses }: { responses: object }) => Object.keys(responses);
    const shown = Object.values(page.paths).flatMap(
      (methods) => Object.values(methods) as { responses: object }[],
    );
    expect(shown.map(statuses)).toEqual(operations().map(statuses));
  });
});

describe('the examples of a submit', () => {
  const examples = () =>
    document.paths['/v1/jobs']?.post?.requestBody as {
      content: Record<string, { examples: Record<string, { value: unknown }> }>;
    };

  it('are those of the job types, valid as they stand, and the first needs no model', () => {
    const shown = examples().content['application/json']?.examples ?? {};
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(jobTypes).toSorted());
    for (const { value } of Object.values(shown)) expect(JobRequest.safeParse(value).error).toBeUndefined();
    expect(Object.values(shown)[0]?.value).toMatchObject({ type: 'extractArticle' });
  });

  it('name the API by the port it has', () => {
    expect(atHome(examples(), 4567)).not.toEqual(examples());
    expect(JSON.stringify(atHome(examples(), 4567))).not.toContain(':3000');
  });
});

failOnLeftovers();
