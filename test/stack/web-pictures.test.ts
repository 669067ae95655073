import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpCall, madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { pictureOf } from '../harness/pictures.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const later = new Date(Date.now() + 3_600_000).toISOString();
const failure = {
  title: 'The provider asked to slow down',
  detail: 'Too many requests within a minute.',
  code: 'rate-limited',
  type: '/problems/rate-limited',
  status: 429,
  retryable: true,
  provider: 'openai',
};
const { steps } = madeUpJob('any');
const pausing = steps.map((step, at) => ({
  ...step,
  ...(at === 1 && { nextRetryAt: later, lastFailure: failure, done: 17, failed: 2, total: 40 }),
}));
const jobs = [
  madeUpJob('job_running', { tags: ['spanish'] }),
  madeUpJob('job_pausing', { steps: pausing }),
  madeUpJob('job_queued', { status: 'queued', concurrencyKey: 'one book at a time' }),
  madeUpJob('job_failed', { status: 'failed', failure: { ...failure, retryable: false } }),
  madeUpJob('job_done', { status: 'succeeded', result: { words: [] } }),
  madeUpJob('job_cancelled', { status: 'cancelled' }),
];
const items = Array.from({ length: 40 }, (_, at) => ({
  step: 'extract',
  item: `segment-${at + 1}`,
  status: at < 2 ? 'failed' : at < 19 ? 'succeeded' : 'running',
  attempt: 1,
  startedAt: new Date().toISOString(),
  finishedAt: null,
  failure: at < 2 ? failure : null,
  reused: false,
}));

/** States that no stack could be brought into at once. The API is made up; the page is as it was built. */
withChromium('a view of the page', () => {
  let house: MadeUpHouse;
  let listed = jobs;

  beforeAll(async () => {
    house = await openMadeUpHouse(({ path }) => {
      if (path === '/v1/job-types') return { items: madeUpTypes() };
      if (path === '/v1/jobs') {
        const summaries = listed.map((job) => summaryOf(job, `About ${job.id}`));
        return { items: summaries, nextPageToken: null, counts: { active: 3, failed: 1 } };
      }
      if (path.endsWith('/items')) return { items, nextPageToken: null };
      if (path.endsWith('/calls')) return { items: [madeUpCall('1')], nextPageToken: null };
      return jobs.find(({ id }) => path === `/v1/jobs/${id}`);
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const open = async (address: string): Promise<Tab> => {
    const tab = await house.tab();
    await tab.page.routeWebSocket(/\/v1\/events$/, () => undefined);
    await tab.page.goto(`${house.origin}${address}`);
    return tab;
  };

  it(
    'is no wider than its screen, whatever the list has',
    async () => {
      const tab = await open('/');
      await tab.page.locator('a[data-job="job_cancelled"]').waitFor();
      expect(await pictureOf(tab, 'list-full')).toEqual([]);
      listed = [];
      await tab.page.reload();
      await tab.page.getByText('No job yet').waitFor();
      expect(await pictureOf(tab, 'list-empty')).toEqual([]);
      await tab.page.goto(`${house.origin}/not/an/address`);
      await tab.page.getByText('There is nothing at this address').waitFor();
      expect(await pictureOf(tab, 'not-found')).toEqual([]);
      listed = jobs;
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'is no wider than its screen for a job that pauses, for one that failed, and in their questions',
    async () => {
      const tab = await open('/jobs/job_pausing');
      const { page } = tab;
      await page.locator('.item').last().waitFor();
      expect(await pictureOf(tab, 'job-items')).toEqual([]);
      await page.goto(`${house.origin}/jobs/job_failed`);
      for (const question of ['Retry', 'Run again', 'Fork']) {
        await page.getByRole('button', { name: question }).first().click();
        await page.getByRole('dialog').waitFor();
        const name = `dialog-${question.toLowerCase().replace(' ', '-')}`;
        expect(await pictureOf(tab, name)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      expect(await pictureOf(tab, 'job-failed')).toEqual([]);
      await page.close();
    },
    limitMs,
  );
});
