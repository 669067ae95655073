import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { columnMapping } from './column-name.js';

/**
 * `renames` says it the other way round, from the file's name to the new one. Where two columns would get the same name,
 * it is left for the schema to refuse.
 */
function fromRenames(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['renames']) || 'mapping' in value) return value;
  const { renames, ...rest } = value;
  const mapping: Record<string, string> = {};
  for (const [source, name] of Object.entries(renames)) {
    if (typeof name !== 'string' || Object.hasOwn(mapping, name)) return value;
    mapping[name] = source;
  }
  return { ...rest, mapping };
}

export const MapColumns = z.preprocess(
  fromRenames,
  z.strictObject({
    mapping: columnMapping(
      'From the new name to the column of the file; empty keeps all columns as they are',
    ),
  }),
);
