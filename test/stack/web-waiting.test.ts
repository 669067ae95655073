import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { WebSocketRoute } from 'playwright-core';
import type { Job } from '../../client/index.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpEvent, madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const waitingJob = (id: string): Job =>
  madeUpJob(id, {
    status: 'waiting',
    waitingFor: [
      {
        name: 'review',
        id: `wait_of_${id}`,
        data: { text: 'a' },
        schema: { type: 'object', properties: { text: { type: 'string' } } },
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      },
    ],
  });

/** The API is made up: no list of a real one is late when it is to be. The page is as it was built. */
withChromium('what waits for a person', () => {
  let house: MadeUpHouse;
  const jobs = ['job_first', 'job_second'].map(waitingJob);
  const listed: Job[] = [];

  beforeAll(async () => {
    house = await openMadeUpHouse(({ path }) => {
      if (path === '/v1/job-types') return { items: madeUpTypes() };
      if (path !== '/v1/jobs') return jobs.find(({ id }) => path === `/v1/jobs/${id}`);
      const items = listed.map((job) => ({ ...summaryOf(job, `About ${job.id}`), status: job.status }));
      return { items, nextPageToken: null, counts: {} };
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  it(
    'is shown although the list of it is late, and another job began to wait shortly before',
    async () => {
      const { page } = await house.tab();
      let socket: WebSocketRoute | null = null;
      await page.routeWebSocket(/\/v1\/events$/, (route) => {
        route.onMessage((message) => {
          if (!(JSON.parse(String(message)) as { feed?: object }).feed) return;
          route.send(JSON.stringify({ feed: { after: 0 } }));
          socket = route;
        });
      });
      await page.clock.install();
      await page.goto(`${house.origin}/inbox`);
      await page.getByText('Nothing waits for you').waitFor();
      await until(() => socket !== null, { what: 'the page is told what happens' });
      const beginsToWait = (job: string, seq: number) => {
        const event = madeUpEvent(3, { type: 'job.waiting', data: { name: 'review' } });
        socket?.send(
          JSON.stringify({ entry: { seq, job, jobType: 'extractArticle', subject: null, event } }),
        );
      };
      beginsToWait('job_first', 1);
      await page.clock.runFor(4_000);
      beginsToWait('job_second', 2);
      await page.clock.runFor(3_000);
      expect(await page.locator('[data-row]').count()).toBe(0);
      listed.push(...jobs);
      const isShown = async () => {
        await page.clock.runFor(1_000);
        return (await page.locator('[data-row="job_second"]').count()) > 0;
      };
      await until(isShown, { what: 'it is shown' });
      await page.close();
    },
    limitMs,
  );
});
