import { z } from 'zod';

/** What a header, a visibility query and a log take as it is. */
export const OwnerName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
    'is a letter or digit and up to 63 more letters, digits, dots, dashes, underscores or @',
  );

/** A key as it may be shown: what it opens is kept nowhere. */
export const ApiKey = z
  .object({
    id: z.string().meta({ description: 'Public: it may be shown and logged' }),
    owner: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: 'To the minute; null: never' }),
    revokedAt: z.iso.datetime().nullable(),
    current: z.boolean().meta({ description: 'Whether it is the key of this request' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeyList = z
  .object({ items: z.array(ApiKey).meta({ description: 'The oldest first, revoked ones included' }) })
  .meta({ id: 'ApiKeyList' });
export type ApiKeyList = z.infer<typeof ApiKeyList>;

export const NewApiKey = ApiKey.extend({
  key: z.string().meta({ description: 'Shown in this answer, and never again' }),
}).meta({ id: 'NewApiKey' });
export type NewApiKey = z.infer<typeof NewApiKey>;

export const ApiKeyRequest = z
  .strictObject({
    owner: OwnerName.meta({ description: 'Whose key it is; one owner may have several' }),
  })
  .meta({ id: 'ApiKeyRequest' });
export type ApiKeyRequest = z.infer<typeof ApiKeyRequest>;
