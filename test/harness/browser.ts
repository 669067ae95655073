import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;

/** A busy API puts a request off, and the page asks again: the browser logs that as an error all the same. */
const putOff = /\b(status of|response code:) 503\b/;

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium on the PATH; null where there is none. */
export function findChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find((file) => existsSync(file)) ?? null;
}

export interface Tab {
  readonly page: Awaited<ReturnType<BrowserContext['newPage']>>;
  /** What the page asked others for than this machine; none of it was let through. */
  readonly abroad: readonly string[];
  /** What the page logged as an error, threw or was refused by its own policy. */
  readonly complaints: readonly string[];
}

/** The sandbox needs a kernel feature that containers withhold; the pages are our own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium() ?? 'chromium', args: ['--no-sandbox'] });

/** A page that reaches nothing but this machine, with cookies of its own or those of the context. */
export async function openTab(browser: Browser | BrowserContext): Promise<Tab> {
  const page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  const abroad: string[] = [];
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !putOff.test(message.text())) complaints.push(message.text());
  });
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => {
      abroad.push(route.request().url());
      return route.abort();
    },
  );
  return { page, abroad, complaints };
}
