import { dropEmptyVariables, endWith, followParent, requireNode, traceSources } from './process.js';

requireNode();
traceSources();
dropEmptyVariables();
followParent();
try {
  const { startApi } = await import('./api.js');
  await startApi();
} catch (error) {
  endWith(error);
}
