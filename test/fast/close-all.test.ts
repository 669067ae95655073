import { describe, expect, it } from '@jest/globals';
import { closeAll } from '../harness/close-all.js';
import { failOnLeftovers } from '../harness/leftovers.js';

describe('what is closed together', () => {
  it('is closed one after the other, without what was never opened', async () => {
    const closed: string[] = [];
    const close = (name: string) => async () => {
      closed.push(`${name} begins`);
      await Promise.resolve();
      closed.push(`${name} is closed`);
    };
    await closeAll([close('the browser'), () => undefined, close('the stack')]);
    expect(closed).toEqual([
      'the browser begins',
      'the browser is closed',
      'the stack begins',
      'the stack is closed',
    ]);
  });

  it('is closed to the last where some of it fails, and says of each what failed', async () => {
    let isClosed = false;
    const failures = [new Error('the browser is gone'), new Error('the stack hangs')];
    const [first, second] = failures as [Error, Error];
    const failure: unknown = await closeAll([
      () => Promise.reject(first),
      () => {
        throw second;
      },
      async () => {
        isClosed = true;
      },
    ]).catch((error: unknown) => error);
    expect(isClosed).toBe(true);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors).toEqual(failures);
    expect((failure as AggregateError).message).toBe('Error: the browser is gone\nError: the stack hangs');
  });
});

failOnLeftovers();
