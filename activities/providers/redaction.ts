import { plainText } from '../../job-types/fields/plain-text.js';

/** Enough to understand an error by. */
const longestQuote = 300;

/** Keys in the forms providers give them, wherever they came from. */
const keyLike =
  /\b(?:sk|pk|rk|key|api|gsk|hf|xai|nvapi|pplx|r8)[-_][A-Za-z0-9_\-*.]{6,}|\bBearer\s{1,9}\S+|\bAIza[\w-]{10,}|\beyJ[\w-]{10,}[\w.-]*|(?<=[?&](?:key|token|api_key|access_token)=)[^\s&"']+/gi;

/** A word of which some is hidden, and what is left may be of a key. */
const masked = /[^\s"'`]{0,200}(?:\*{3,}|•{3,}|[xX]{6,})[^\s"'`]{0,200}/g;

/** A word as long as what a provider would quote of a key. */
const word = /[^\s"'`(),:;=]{6,400}/g;

/** Characters of a message that are looked at. */
const readCharacters = 5_000;

/** Makes what a stranger's server said fit to be shown. */
export const createRedaction =
  (secrets: readonly string[]) =>
  (text: string): string => {
    const hidden = secrets.reduce(
      (shown, secret) => shown.replaceAll(secret, '[redacted]'),
      plainText(text.slice(0, readCharacters)),
    );
    const isPart = (one: string): boolean =>
      secrets.some((secret) => secret.startsWith(one) || secret.endsWith(one));
    return hidden
      .replace(keyLike, '[redacted]')
      .replace(masked, '[redacted]')
      .replace(word, (one) => (isPart(one.replace(/[.…]{1,9}$/, '')) ? '[redacted]' : one))
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, longestQuote);
  };
