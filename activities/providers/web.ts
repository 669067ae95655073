import { StepFailure } from '../frame/step-failure.js';
import { systemResolve, type Resolve } from './web/address-guard.js';
import { allowedUrls } from './web/allowed-urls.js';
import { ask } from './web/ask.js';
import type { Content } from './web/content.js';
import { openCookieJar } from './web/cookie-jar.js';
import { defaultWebLimits, type WebLimits } from './web/limits.js';
import type { PageRoom } from './web/page-room.js';
import { createSetCookies } from './web/set-cookies.js';
import { shown } from './web/shown-url.js';

export interface WebFetcherOptions {
  /** URL prefixes that may be fetched although their address is not public. */
  allow: readonly string[];
  /** Paths of Netscape cookies.txt files, by name. */
  cookieJars: ReadonlyMap<string, string>;
  limits?: Partial<WebLimits>;
  resolve?: Resolve;
}

export interface FetchOptions {
  /** Name of a cookie jar. */
  browser?: string | undefined;
  /** Left by the caller, once the page has been read. Without one the page is held up by no other. */
  room?: PageRoom | undefined;
  signal: AbortSignal;
}

export interface Page {
  /** Where it was found, after redirects. */
  url: string;
  content: Content;
  body: string;
  /** What the person who asked should know: cookies that were not sent, a charset that was guessed. */
  notes: string[];
}

/**
 * Fetches pages that strangers name, so it is written for hostile ones. Every address is checked as it is connected
 * to. Redirects are followed by hand. Everything that can grow has a limit. Proxies of the environment are not
 * asked.
 *
 * @throws {Error} when `allow` has something else than http(s) URLs in it
 */
export function createWebFetcher({
  allow,
  cookieJars,
  limits: given,
  resolve = systemResolve,
}: WebFetcherOptions) {
  const limits = { ...defaultWebLimits, ...given };
  const allowed = allowedUrls(allow);
  /** What is under way, and when it is over. */
  const attempts = new Map<AbortController, Promise<void>>();

  async function follow(start: URL, { browser, room, signal }: FetchOptions): Promise<Page> {
    const opened = browser === undefined ? null : await openCookieJar(browser, cookieJars);
    const notes = opened?.note ? [opened.note] : [];
    const onTheWay = createSetCookies();
    let url = start;
    for (let hop = 0; hop <= limits.redirects; hop += 1) {
      const reach = allowed.reach(url);
      const own = opened?.jar?.header(url) ?? null;
      const cookie = [own, onTheWay.header(url)].filter(Boolean).join('; ') || null;
      const answer = await ask(url, { reach, resolve, cookie, limits, room, signal });
      if ('location' in answer) {
        onTheWay.take(answer.setCookies, url);
        url = answer.location;
        continue;
      }
      const { content, body, charsetNote } = answer;
      if (charsetNote) notes.push(charsetNote);
      if (opened?.jar && own === null) {
        notes.push(`The cookie jar "${browser}" has no cookie for ${shown(url)}; fetched without cookies.`);
      }
      return { url: url.href, content, body, notes };
    }
    throw new StepFailure(
      'too-many-redirects',
      `${shown(start)} redirected more than ${limits.redirects} times, the last time to ${shown(url)}.`,
    );
  }

  return {
    /**
     * @throws {StepFailure} with one of the fetch codes
     * @throws the signal's reason, as it is, when the caller aborted
     */
    async fetchPage(address: string, { browser, room, signal }: FetchOptions): Promise<Page> {
      signal.throwIfAborted();
      const url = URL.parse(address);
      if (!url) throw new StepFailure('address-refused', 'The address is not a URL.');
      url.hash = '';

      const attempt = new AbortController();
      const giveUp = (): void => {
        const seconds = limits.totalMs / 1000;
        const what = room?.waits
          ? 'is large, and this worker has been busy with other large pages for'
          : 'did not arrive within';
        attempt.abort(new StepFailure('fetch-timed-out', `${shown(url)} ${what} ${seconds} s.`));
      };
      const stop = (): void => attempt.abort(signal.reason);
      const timer = setTimeout(giveUp, limits.totalMs);
      signal.addEventListener('abort', stop, { once: true });
      const over = Promise.withResolvers<void>();
      attempts.set(attempt, over.promise);
      try {
        return await follow(url, { browser, room, signal: attempt.signal });
      } catch (error) {
        throw attempt.signal.aborted ? attempt.signal.reason : error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        attempts.delete(attempt);
        over.resolve();
      }
    },

    /** Breaks off what is under way; it fails as unreachable, which is tried again. */
    async close(): Promise<void> {
      const underWay = [...attempts.values()];
      for (const attempt of attempts.keys()) {
        attempt.abort(new StepFailure('unreachable', 'The worker shut down in the middle of the page.'));
      }
      await Promise.all(underWay);
    },
  };
}

export type WebFetcher = ReturnType<typeof createWebFetcher>;
