import { FileRef } from '../contract/file-ref.js';

/** Of a result whose texts may be too long for it. */
export const TextsFile = FileRef.optional().meta({
  format: 'file',
  description:
    'Id of the JSON file that has all texts whole, where they have more than a million characters together; "texts" then has the beginning of each',
});
