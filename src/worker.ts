import { dropEmptyVariables, endWith, followParent, requireNode, traceSources } from './process.js';

requireNode();
traceSources();
dropEmptyVariables();
followParent();
try {
  const { startWorker } = await import('./worker/start-worker.js');
  await startWorker();
} catch (error) {
  endWith(error);
}
