import { dropEmptyVariables, endWith, followParent, requireNode } from './process.js';

requireNode();
dropEmptyVariables();
followParent();
try {
  const { startWorker } = await import('./worker/start-worker.js');
  await startWorker();
} catch (error) {
  endWith(error);
}
