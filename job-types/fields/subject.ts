import { StorableText } from './storable-text.js';

/**
 * What research and stories are about. It stands in addresses as it is, also unencoded. If it held a `/` or a `?`
 * there, another route would be asked for; of dots alone a browser makes another folder.
 */
export const Subject = StorableText.overwrite((text) => text.normalize('NFC').trim())
  .max(200, 'has more than 200 characters')
  .regex(/^[^/\\?#%\p{Cc}]*$/u, 'cannot contain / \\ ? # % or control characters')
  .refine((text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), 'has nothing in it that can be seen')
  .refine((text) => !/^\.+$/.test(text), 'has nothing but dots')
  .meta({
    description: 'What it is about; research and stories are kept under it',
    example: 'The Lighthouse',
  });
