/**
 * What the page may do: run its own scripts, and ask its own API. There is no inline script, no eval and no other host.
 * Text never becomes code either: the browser refuses any string where a page could execute it.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
