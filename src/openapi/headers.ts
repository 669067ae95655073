/** Every response header that clients are meant to read, as the document describes it. */
const descriptions = {
  Location: { description: 'Where to read it', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds after which to ask again',
    schema: { type: 'integer', minimum: 0 },
  },
  ETag: { description: 'Of this state, for If-None-Match or If-Match', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: 'Whether an earlier request with this Idempotency-Key started the job',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
  'Preference-Applied': { description: 'What of Prefer was followed', schema: { type: 'string' } },
} satisfies Record<string, object>;

export type HeaderName = keyof typeof descriptions;

const byStatus: Readonly<Record<number, readonly HeaderName[]>> = {
  202: ['Location', 'Retry-After'],
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The headers of an answer: those its status has on every route, and those this route adds. */
export function headersOf(status: number, added: readonly HeaderName[] = []) {
  const names = new Set([...(byStatus[status] ?? []), ...added]);
  return Object.fromEntries([...names].map((name) => [name, descriptions[name]]));
}
