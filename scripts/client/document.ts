import type { OpenAPIObject } from '@nestjs/swagger';
import { pino } from 'pino';
import { createApi } from '../../src/api.js';
import { loadConfig } from '../../src/config.js';
import { openApiDocument } from '../../src/api-document.js';

/** The OpenAPI document of an API that neither listens nor reaches a server, and holds nothing of this machine's settings. */
export async function currentDocument(): Promise<OpenAPIObject> {
  const config = loadConfig({ DATABASE_URL: 'postgresql://127.0.0.1/nothing', LOG_LEVEL: 'silent' });
  const app = await createApi(config, pino({ level: 'silent' }));
  try {
    return openApiDocument(app);
  } finally {
    await app.close();
  }
}
