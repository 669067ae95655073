import { dropEmptyVariables, endWith, followParent, requireNode } from './process.js';

requireNode();
dropEmptyVariables();
followParent();
try {
  const { startApi } = await import('./api.js');
  await startApi();
} catch (error) {
  endWith(error);
}
