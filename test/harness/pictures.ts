import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/local/project.js';
import type { Tab } from './browser.js';
import { isTooWide } from './page-checks.js';

/** To be looked at by people; git ignores them. */
const folder = join(projectRoot, '.data/pictures');

const looks = [
  { name: 'wide-light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'wide-dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'narrow-light', colorScheme: 'light', viewport: { width: 375, height: 800 } },
  { name: 'narrow-dark', colorScheme: 'dark', viewport: { width: 375, height: 800 } },
] as const;

/**
 * Pictures of a view by day and by night, on a screen and on a phone. Leaves the page wide and light.
 *
 * @returns the looks in which the view is wider than its screen
 */
export async function pictureOf(tab: Tab, view: string): Promise<string[]> {
  const { page } = tab;
  await mkdir(folder, { recursive: true });
  const tooWide: string[] = [];
  for (const { name, colorScheme, viewport } of looks.toReversed()) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    // On a screen that is as high as the page: what sticks to the edge of a screen hides nothing then.
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ ...viewport, height });
    await page.screenshot({ path: join(folder, `${view}-${name}.png`) });
    await page.setViewportSize(viewport);
    if (await isTooWide(tab)) tooWide.push(name);
  }
  return tooWide;
}
