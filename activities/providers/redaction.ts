import { plainText } from '../../job-types/fields/plain-text.js';

/** Enough to understand an error by. */
const longestQuote = 300;

/** Keys in the forms providers give them, wherever they came from. */
const keyLike = /\b(sk|pk|rk|key|api)[-_][A-Za-z0-9_\-*.]{6,}|\bBearer\s+\S+/gi;

/** Makes what a stranger's server said fit to be shown. */
export const createRedaction =
  (secrets: readonly string[]) =>
  (text: string): string => {
    const hidden = secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
    return plainText(hidden.replace(keyLike, '[redacted]'))
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, longestQuote);
  };
