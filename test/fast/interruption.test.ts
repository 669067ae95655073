import { describe, expect, it } from '@jest/globals';
import { thrownBy } from '../../scripts/demo/interruption.js';

describe('an interruption', () => {
  it('that came before anybody waited for it is not missed', async () => {
    await expect(thrownBy(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('is thrown when it comes', async () => {
    const controller = new AbortController();
    const thrown = thrownBy(controller.signal);
    controller.abort(new Error('now'));
    await expect(thrown).rejects.toThrow('now');
  });
});
