import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { columnMapping } from './column-name.js';

/** Names that two columns would get cannot be told apart here, and fail the schema of the mapping. */
const turned = (renames: Record<string, unknown>): [unknown, string][] =>
  Object.entries(renames).map(([source, name]) => [name, source]);

/** `renames` says it the other way round, from the file's name to the new one. */
function fromRenames(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['renames']) || 'mapping' in value) return value;
  const { renames, ...rest } = value;
  const pairs = turned(renames as Record<string, unknown>);
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length || pairs.some(([name]) => typeof name !== 'string')) return value;
  return { ...rest, mapping: Object.fromEntries(pairs) };
}

export const MapColumns = z.preprocess(
  fromRenames,
  z.strictObject({
    mapping: columnMapping(
      'From the new name to the column of the file; empty keeps all columns as they are',
    ),
  }),
);
