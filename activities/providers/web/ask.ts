import { Client } from 'undici';
import { StepFailure } from '../../frame/step-failure.js';
import { guardedConnector, type Resolve } from './address-guard.js';
import { statusFailure } from './answer-failures.js';
import { decode } from './charset.js';
import { acceptEncoding } from './content-encoding.js';
import { assertReadable, contentOf, parseContentType, type Content } from './content.js';
import type { WebLimits } from './limits.js';
import { networkFailure } from './network-failures.js';
import { readBody } from './page-body.js';
import type { PageRoom } from './page-room.js';
import { shown } from './shown-url.js';

const requestHeaders = {
  'user-agent': 'Longhaul/0.1 (fetches single articles that its users ask for)',
  accept: 'text/html, application/xhtml+xml, text/plain;q=0.8',
  'accept-encoding': acceptEncoding,
};

const redirects = new Set([301, 302, 303, 307, 308]);

export interface AskOptions {
  /** Where this URL may lead. */
  reach: 'public' | 'anywhere';
  resolve: Resolve;
  /** The Cookie header. */
  cookie: string | null;
  limits: WebLimits;
  room: PageRoom | undefined;
  signal: AbortSignal;
}

export type Answer =
  { location: URL; setCookies: string[] } | { content: Content; body: string; charsetNote: string | null };

/**
 * One request, on a connection of its own: a pooled one could be poisoned by the page before.
 *
 * @throws {StepFailure}
 */
export async function ask(
  url: URL,
  { reach, resolve, cookie, limits, room, signal }: AskOptions,
): Promise<Answer> {
  const where = shown(url);
  const client = new Client(url.origin, {
    connect: guardedConnector({
      reach,
      resolve,
      signal,
      timeoutMs: limits.connectMs,
      longestHead: limits.headerBytes,
    }),
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    allowH2: false,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      method: 'GET',
      path: url.pathname + url.search,
      headers: { ...requestHeaders, ...(cookie !== null && { cookie }) },
      reset: true,
      signal,
    });
    // Left unread on most ways out of here, and then broken off together with its connection.
    body.on('error', () => {});
    const header = (name: string): string | undefined => [headers[name]].flat()[0];

    const location = header('location');
    if (redirects.has(statusCode) && location !== undefined)
      return { location: redirectTarget(location, url), setCookies: [headers['set-cookie'] ?? []].flat() };
    if (statusCode < 200 || statusCode > 299) {
      throw statusFailure(statusCode, { where, retryAfter: header('retry-after') });
    }

    const declared = parseContentType(header('content-type'));
    assertReadable(declared, where);
    const bytes = await readBody(body, {
      contentEncoding: [headers['content-encoding'] ?? []].flat().join(','),
      contentLength: Number(header('content-length') ?? 0),
      limitBytes: limits.bodyBytes,
      where,
      room,
      signal,
    });
    const content = contentOf(bytes, { declared, where });
    const { text, note } = decode(bytes, { headerCharset: declared.charset, where });
    return { content, body: text, charsetNote: note };
  } catch (error) {
    throw networkFailure(error, where);
  } finally {
    await client.destroy();
  }
}

/** Where it may lead is checked when it is asked. */
function redirectTarget(location: string, base: URL): URL {
  // Headers come as Latin-1; servers that put raw UTF-8 into them are common, and browsers read it.
  const url = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), base.href);
  if (!url) throw new StepFailure('page-refused', `${shown(base)} redirects to something that is not a URL.`);
  url.hash = '';
  return url;
}
