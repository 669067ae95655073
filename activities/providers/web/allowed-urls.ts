import { StepFailure } from '../../frame/step-failure.js';
import { shown } from './shown-url.js';

/** 80 and 443 are '' in a parsed URL. Other ports belong to databases and the like, which an HTTP request can hurt. */
const webPorts = new Set(['', '80', '443', '8080', '8443']);

/** A server may decode these after the prefix was compared, and so leave the folder that was listed. */
const dotsAndSlashesInDisguise = /%(2e|2f|5c)/i;

/**
 * Which URLs may be fetched: those on the web's own ports, and of those that start with a listed prefix all, wherever
 * they lead. Prefixes are compared as URLs, origin exactly and path from its start.
 *
 * @throws {Error} when a prefix is not an http(s) URL
 */
export function allowedUrls(prefixes: readonly string[]) {
  const listed = prefixes.map((prefix) => {
    const url = URL.parse(prefix);
    if (!url || !/^https?:$/.test(url.protocol))
      throw new Error(`FETCH_ALLOW: "${prefix}" is not an http(s) URL`);
    return { origin: url.origin, path: url.pathname };
  });

  return {
    /** @throws {StepFailure} address-refused */
    reach(url: URL): 'public' | 'anywhere' {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new StepFailure('address-refused', `The scheme "${url.protocol.slice(0, -1)}" is not fetched.`);
      }
      if (url.username || url.password) {
        throw new StepFailure('address-refused', `${shown(url)} was asked for with credentials in the URL.`);
      }
      const isListed = listed.some(
        ({ origin, path }) => origin === url.origin && url.pathname.startsWith(path),
      );
      if (isListed && !dotsAndSlashesInDisguise.test(url.pathname)) return 'anywhere';
      if (webPorts.has(url.port)) return 'public';
      throw new StepFailure(
        'address-refused',
        `${shown(url)} is on port ${url.port}, which is not a port of the web.`,
      );
    },
  };
}
