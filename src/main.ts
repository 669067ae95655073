import { createApi } from './api.js';
import { loadConfig } from './config.js';
import { createLogger } from './logging.js';
import { announceReady, endWith, followParent, requireNode } from './process.js';

requireNode();
followParent();
try {
  const config = loadConfig();
  const app = await createApi(config, createLogger(config, 'api'));
  await app.listen(config.PORT, config.HOST);
  announceReady();
} catch (error) {
  endWith(error);
}
