/** The `code` that errors of Node and of libraries carry ("ECONNREFUSED"); null when there is none. */
export const errorCode = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
