import { newApiKey } from '../../src/auth/api-key.js';
import { createApiKeys } from '../../store/api-keys.js';
import type { Database } from '../../store/database.js';

export interface TestKey {
  id: string;
  key: string;
  headers: { authorization: string };
  revoke(): Promise<void>;
}

/** A key as `npm run keys -- create` makes it. */
export async function makeKey(db: Database, owner: string): Promise<TestKey> {
  const keys = createApiKeys(db);
  const { id, key, hash } = newApiKey();
  await keys.add({ id, owner, hash });
  return {
    id,
    key,
    headers: { authorization: `Bearer ${key}` },
    async revoke() {
      await keys.revoke(id);
    },
  };
}
