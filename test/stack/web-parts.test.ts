import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpTypes } from '../harness/made-up-jobs.js';
import { complaintsOfAxe } from '../harness/page-checks.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

/** Views that are fetched when they are wanted. The API is made up; the page is as it was built. */
withChromium('the parts of the page', () => {
  let house: MadeUpHouse;

  beforeAll(async () => {
    house = await openMadeUpHouse(({ path }) => {
      if (path === '/v1/job-types') return { items: madeUpTypes() };
      if (path === '/v1/jobs') return { items: [], nextPageToken: null, counts: {} };
      return undefined;
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const nameOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';
  /** A tab that has the list, with what it has fetched so far. */
  const open = async (): Promise<Tab & { fetched: string[] }> => {
    const tab = await house.tab();
    await tab.page.routeWebSocket(/\/v1\/events$/, () => undefined);
    const fetched: string[] = [];
    tab.page.on('requestfinished', (request) => fetched.push(nameOf(request.url())));
    await tab.page.goto(house.origin);
    return { ...tab, fetched };
  };
  const has = (fetched: readonly string[], start: string) =>
    until(() => fetched.some((name) => name.startsWith(start)), { what: `${start} has come` });
  const view = ({ page }: Tab, name: string) => page.getByRole('navigation').getByRole('link', { name });

  it(
    'fetches the next views when it is idle, and others when somebody points at them',
    async () => {
      const tab = await open();
      for (const name of ['job-view', 'types-view', 'submit-view']) await has(tab.fetched, name);
      expect(tab.fetched.filter((name) => name.startsWith('spend-view'))).toEqual([]);
      await view(tab, 'Spend').hover();
      await has(tab.fetched, 'spend-view');
      await view(tab, 'Library').focus();
      await has(tab.fetched, 'library-view');
      expect(new URL(tab.page.url()).pathname).toBe('/');
      expect(tab.complaints).toEqual([]);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'opens offline a view that it has fetched',
    async () => {
      const tab = await open();
      await has(tab.fetched, 'types-view');
      await tab.page.context().setOffline(true);
      await view(tab, 'Submit').click();
      await tab.page.getByRole('heading', { name: 'Submit a job' }).waitFor();
      expect(await tab.page.getByRole('alert').count()).toBe(0);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'says that a view is missing after an upgrade, and reloads when somebody asks for it',
    async () => {
      const tab = await open();
      const { page } = tab;
      let loads = 0;
      page.on('domcontentloaded', () => (loads += 1));
      await page.route(/\/assets\/spend-view.*js$/, (route) => route.fulfill({ status: 404 }));
      await view(tab, 'Spend').click();
      const note = page.getByRole('alert');
      await note.getByText('This view could not be loaded').waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await note.getByRole('button', { name: 'Try again' }).click();
      await note.getByText('This view could not be loaded').waitFor();
      expect(loads).toBe(0);
      // The others are there, and this one is still missing afterwards.
      await view(tab, 'Submit').click();
      await page.getByRole('heading', { name: 'Submit a job' }).waitFor();
      await view(tab, 'Spend').click();
      await note.getByText('This view could not be loaded').waitFor();
      await page.unroute(/\/assets\/spend-view.*js$/);
      await note.getByRole('button', { name: 'Reload the page' }).click();
      await page.getByRole('heading', { name: 'Spend', level: 1 }).waitFor();
      expect(loads).toBe(1);
      await page.close();
    },
    limitMs,
  );

  it(
    'shows a view that was wanted offline as soon as the page is online again',
    async () => {
      const tab = await open();
      const { page } = tab;
      await view(tab, 'Submit').waitFor();
      await page.context().setOffline(true);
      await view(tab, 'System').click();
      await page.getByText('This view could not be loaded').waitFor();
      await page.context().setOffline(false);
      await page.getByRole('heading', { name: 'System', level: 1 }).waitFor();
      expect(await page.getByText('This view could not be loaded').count()).toBe(0);
      await page.close();
    },
    limitMs,
  );

  it(
    'shows the shape of a view that takes its time',
    async () => {
      const tab = await open();
      const { page } = tab;
      let letGo: () => void = () => undefined;
      const held = new Promise<void>((done) => (letGo = done));
      await page.route(/\/assets\/system-view.*js$/, async (route) => {
        await held;
        await route.continue();
      });
      await view(tab, 'System').click();
      await page.getByRole('status', { name: 'Loading the view' }).waitFor();
      expect(await page.getByRole('heading', { name: 'System', level: 1 }).count()).toBe(0);
      letGo();
      await page.getByRole('heading', { name: 'System', level: 1 }).waitFor();
      await page.close();
    },
    limitMs,
  );
});
