import { z } from 'zod';

/**
 * An http or https URL without credentials, normalised as a browser would. Whether its host may be reached is not
 * decided here: only the connector of the fetch step sees the address it really connects to.
 */
export const WebAddress = z
  .string()
  .max(2048)
  .transform((value, context) => {
    const url = URL.parse(value.trim());
    const complaint = !url
      ? 'not a URL; give an absolute one such as "https://example.org/article"'
      : url.protocol !== 'http:' && url.protocol !== 'https:'
        ? `scheme "${url.protocol.slice(0, -1)}" is not fetched; use http or https`
        : url.username || url.password
          ? 'credentials in a URL are refused; they would be stored in the history of the job'
          : null;
    if (url && !complaint) return url.href;
    context.addIssue({ code: 'custom', message: complaint ?? 'not a URL' });
    return z.NEVER;
  })
  .meta({ format: 'uri' });
