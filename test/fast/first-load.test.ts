import { expect, it } from '@jest/globals';
import { firstLoad } from '../harness/first-load.js';

it.each(['br', 'gz'] as const)(
  'loads at most 150 kB before the list of the page can be seen, as %s',
  async (encoding) => {
    const size = await firstLoad(encoding);
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThanOrEqual(150_000);
  },
);
