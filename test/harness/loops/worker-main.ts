import { dropEmptyVariables, endWith, followParent, requireNode } from '../../../src/process.js';

// The worker as it runs in production, with the workflow of the tests.
requireNode();
dropEmptyVariables();
followParent();
try {
  const { startWorker } = await import('../../../src/worker/start-worker.js');
  await startWorker({ bundle: process.env['LOOPS_BUNDLE'] ?? '' });
} catch (error) {
  endWith(error);
}
