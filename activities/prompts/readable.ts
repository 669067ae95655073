import { plainText } from '../../job-types/fields/plain-text.js';

/** JSON without what is empty, which says nothing and costs tokens. */
export const readable = (value: object): string => plainText(JSON.stringify(told(value) ?? {}, null, 1));

/** Undefined for what says nothing. */
function told(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (Array.isArray(value)) {
    const entries = value.map(told).filter((entry) => entry !== undefined);
    return entries.length > 0 ? entries : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([name, field]): [string, unknown] => [name, told(field)])
    .filter(([, field]) => field !== undefined);
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}
