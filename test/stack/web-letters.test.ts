import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

/** Every one of them does something where it may. */
const letters = ['l', 'i', 't', 'n', 'j', 'k', '?'] as const;

withChromium('a letter that is pressed on the page', () => {
  let house: MadeUpHouse;

  beforeAll(async () => {
    const job = madeUpJob('job_a');
    const [first] = madeUpTypes();
    const properties = { prompt: { type: 'string' }, tone: { enum: ['plain', 'jolly'] } };
    const type = { ...first, name: 'ask', input: { type: 'object', properties } };
    house = await openMadeUpHouse(({ path }) => {
      if (path === '/v1/job-types') return { items: [type] };
      if (path === '/v1/jobs') {
        return { items: [summaryOf(job, 'About it')], nextPageToken: null, counts: {} };
      }
      return path === '/v1/jobs/job_a' ? job : undefined;
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const open = async (address: string): Promise<Tab> => {
    const tab = await house.tab();
    // By then it listens: both are begun at once.
    const begun = tab.page.waitForRequest(`${house.origin}/v1/session`);
    await tab.page.goto(`${house.origin}${address}`);
    await begun;
    return tab;
  };
  const dialogs = ({ page }: Tab) => page.locator('dialog[open]').count();
  const pathOf = ({ page }: Tab) => new URL(page.url()).pathname;

  it(
    'goes where it says',
    async () => {
      const tab = await open('/');
      await tab.page.locator('a[data-job]').first().waitFor();
      await tab.page.keyboard.press('j');
      await tab.page.locator('a[data-job]:focus').waitFor();
      await tab.page.keyboard.press('?');
      await tab.page.locator('dialog[open]').waitFor();
      await tab.page.keyboard.press('Escape');
      await tab.page.locator('dialog[open]').waitFor({ state: 'detached' });
      for (const [letter, path] of [
        ['n', '/submit'],
        ['i', '/inbox'],
        ['l', '/'],
        ['t', '/chat'],
      ] as const) {
        await tab.page.keyboard.press(letter);
        await tab.page.waitForURL((url) => url.pathname === path);
      }
      expect(await dialogs(tab)).toBe(0);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'is written where it is pressed into a field, and does nothing else',
    async () => {
      const tab = await open('/submit/ask');
      const { page } = tab;
      const prompt = page.getByRole('textbox', { name: 'Prompt' });
      await prompt.focus();
      for (const letter of letters) await page.keyboard.press(letter);
      expect(await prompt.inputValue()).toBe(letters.join(''));
      const choice = page.getByRole('combobox', { name: 'Tone' });
      await choice.focus();
      for (const letter of letters) await page.keyboard.press(letter);
      expect([pathOf(tab), await dialogs(tab)]).toEqual(['/submit/ask', 0]);
      await page.close();
    },
    limitMs,
  );

  it(
    'does nothing while a dialog is open, wherever the keyboard is',
    async () => {
      const tab = await open('/');
      const { page } = tab;
      await page.locator('a[data-job]').first().waitFor();
      await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
      for (const letter of letters) await page.keyboard.press(letter);
      await page.evaluate(`
        for (const key of ${JSON.stringify(letters)})
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))`);
      expect([pathOf(tab), await dialogs(tab)]).toEqual(['/', 1]);
      await page.keyboard.press('Escape');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      await page.keyboard.press('n');
      await page.waitForURL(/\/submit$/);
      await page.close();
    },
    limitMs,
  );
});
