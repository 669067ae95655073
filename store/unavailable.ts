import { types } from 'node:util';

// Not `instanceof`: errors of sockets come from Node's own realm, which is another one where modules run in a context.
const { isNativeError } = types;

/** SQLSTATE classes of a server that is away, starting, stopping, full, too slow, or asks to try the transaction again. */
const passing = /^(08|53|57P|57014|55P03|40001|40P01|25006)/;

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** What `pg` says without a code when the connection cannot be made, breaks or freezes. */
const driverMessages =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable/i;

/** Whether the same query may well work later: the database is away, not the query wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return passing.test(code) || networkCodes.has(code) || driverMessages.test(error.message);
}

/** SQLSTATE of a server whose disk is full. */
const diskFull = '53100';

/** Whether there is no room left where the database writes. It answers, and the query may work once there is. */
export const isDatabaseFull = (error: unknown): boolean =>
  isNativeError(error) && 'code' in error && error.code === diskFull;

/** Whether PostgreSQL itself refused the statement (a SQLSTATE that is not about availability). */
export const isDatabaseRefusal = (error: unknown): boolean =>
  isNativeError(error) &&
  'severity' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  !passing.test(error.code);
