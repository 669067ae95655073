import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { QueryTime, QueryTimeOrDay } from '../../src/openapi/query-time.js';

const complaint = (schema: z.ZodType, text: string): string =>
  schema
    .safeParse(text)
    .error?.issues.map(({ message }) => message)
    .join() ?? '';

describe('a time in a query', () => {
  it.each([
    '2026-11-26T20:00:00 01:00',
    '2026-11-26T20:00:00.5 0530',
    '2026-11-26T20:00 14:00',
    '2026-11-26T20:00:00.123456 00:00',
  ])('"%s": a plus sign that was not escaped is found and told how to write', (text) => {
    for (const schema of [QueryTime, QueryTimeOrDay]) expect(complaint(schema, text)).toContain('%2B');
  });

  it.each(['tomorrow', '2026-11-26', '2026-11-26 20:00', '2026-13-26T20:00:00Z', '', '20:00 01:00x'])(
    '"%s" is another mistake',
    (text) => {
      expect(complaint(QueryTime, text)).not.toBe('');
      expect(complaint(QueryTime, text)).not.toContain('%2B');
    },
  );

  it.each(['2026-11-26T20:00:00+01:00', '2026-11-26T20:00:00Z', '2026-11-26T20:00:00-05:30'])(
    '"%s" is one',
    (text) => {
      for (const schema of [QueryTime, QueryTimeOrDay]) expect(complaint(schema, text)).toBe('');
    },
  );

  it('may be a day where days are meant', () => {
    expect(complaint(QueryTimeOrDay, '2026-11-26')).toBe('');
  });
});
