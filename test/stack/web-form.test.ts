import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const file = { type: 'string', format: 'file' };
const files = {
  type: 'object',
  properties: {
    rows: { type: 'array', items: { type: 'object', properties: { file } } },
    pair: { type: 'object', properties: { one: file, other: file } },
  },
  required: ['rows', 'pair'],
};
const filled = {
  rows: [{ file: 'file_1' }, { file: 'file_2' }],
  pair: { one: 'file_3', other: 'file_4' },
};
const emptied = { rows: [{}, {}], pair: {} };
const asking = madeUpJob('job_asks', {
  status: 'waiting',
  waitingFor: [
    {
      name: 'review',
      id: 'wait_1',
      data: filled,
      schema: files,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    },
  ],
});

/** The API is made up: none of its types asks for files in lists and in groups. The page is as it was built. */
withChromium('a form of the page', () => {
  let house: MadeUpHouse;

  beforeAll(async () => {
    const [first] = madeUpTypes();
    const types = [{ ...first, name: 'manyFiles', input: files, example: filled }];
    house = await openMadeUpHouse(({ method, path }) => {
      if (path === '/v1/job-types') return { items: types };
      if (path === '/v1/jobs' && method === 'GET') {
        return { items: [summaryOf(asking, 'It asks')], nextPageToken: null, counts: {} };
      }
      return path === '/v1/jobs/job_asks' ? asking : undefined;
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const open = async (address: string): Promise<Tab> => {
    const tab = await house.tab();
    await tab.page.goto(`${house.origin}${address}`);
    return tab;
  };
  /** All in one task of the browser, so that the page draws nothing in between. */
  const removeAll = async ({ page }: Tab) => {
    await page.locator('.file').nth(3).waitFor();
    await page.evaluate("for (const button of document.querySelectorAll('.file button')) button.click()");
    await page.locator('.file').first().waitFor({ state: 'detached' });
  };
  const bodySent = async ({ page }: Tab, { button, path }: { button: string; path: RegExp }) => {
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.method() === 'POST' && path.test(one.url())),
      page.getByRole('button', { name: button, exact: true }).click(),
    ]);
    return request.postDataJSON() as { input?: unknown; value?: unknown };
  };

  it(
    'loses none of the files of a list and of a group that change before any is drawn',
    async () => {
      const tab = await open('/submit/manyFiles');
      await tab.page.getByRole('button', { name: 'Fill in the example' }).click();
      await removeAll(tab);
      const { input } = await bodySent(tab, { button: 'Submit', path: /\/v1\/jobs$/ });
      expect(input).toEqual(emptied);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'loses none of the files of a proposal that change before any is drawn',
    async () => {
      const tab = await open('/inbox?job=job_asks');
      await removeAll(tab);
      const { value } = await bodySent(tab, { button: 'Send the answer', path: /job_asks/ });
      expect(value).toEqual(emptied);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'adds as many entries to a list as are asked for at once',
    async () => {
      const tab = await open('/submit/manyFiles');
      const add = tab.page.getByRole('button', { name: 'Add', exact: true });
      await add.waitFor();
      await add.evaluate((button: { click(): void }) => {
        button.click();
        button.click();
      });
      await tab.page.getByRole('button', { name: 'Drop Rows 1' }).waitFor();
      expect(await tab.page.getByRole('button', { name: /^Drop Rows/ }).count()).toBe(2);
      await tab.page.close();
    },
    limitMs,
  );
});
