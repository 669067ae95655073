import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { activityIdOf, stepIdOf, stepOf } from '../../job-types/contract/step-id.js';
import { failOnLeftovers } from '../harness/leftovers.js';

it.each([
  ['save', { step: 'save', item: null, round: 1 }],
  ['extract~2', { step: 'extract', item: null, round: 2 }],
  ['write:7', { step: 'write', item: '7', round: 1 }],
  ['write:7~3', { step: 'write', item: '7', round: 3 }],
  ['write:a:b', { step: 'write', item: 'a:b', round: 1 }],
  ['write:~2'.replace('~', '%7E'), { step: 'write', item: '~2', round: 1 }],
])('the activity %p is what it says', (id, parts) => {
  expect(stepIdOf(id)).toEqual(parts);
  expect(activityIdOf(parts)).toBe(id);
  expect(stepOf(id)).toBe(parts.step);
});

it('any key of an item comes back, and none looks like a part of another event key', () => {
  const parts = fc.record({
    step: fc.stringMatching(/^[a-z][A-Za-z-]{0,20}$/),
    item: fc.option(fc.string({ unit: 'grapheme' })),
    round: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(parts, (one) => {
      const id = activityIdOf(one);
      expect(stepIdOf(id)).toEqual(one);
      expect(id).not.toContain('/');
    }),
  );
});

failOnLeftovers();
