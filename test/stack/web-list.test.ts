import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { WebSocketRoute } from 'playwright-core';
import type { Job, JobSummary } from '../../client/index.js';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpEvent, madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { pictureOf } from '../harness/pictures.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

/** The API is made up: no test could run as many jobs as a list can have. The page is as it was built. */
withChromium('the list of the page', () => {
  let house: MadeUpHouse;
  let jobs: Map<string, Job>;
  /** What the API lists; a job may be known that is not listed yet. */
  let listed: JobSummary[];
  let counts: Record<string, number>;
  let socket: WebSocketRoute | null;
  let heard: object[];

  beforeAll(async () => {
    house = await openMadeUpHouse(({ method, path, query }) => {
      if (path === '/v1/job-types') return { items: madeUpTypes() };
      if (path === '/v1/jobs') {
        const from = Number(query.get('pageToken') ?? 0);
        const to = from + Number(query.get('pageSize') ?? 50);
        const items = listed.filter(({ status }) => status === (query.get('status') ?? status));
        const nextPageToken = to < items.length ? String(to) : null;
        return { items: items.slice(from, to), nextPageToken, counts };
      }
      const [, id = '', deed] = /^\/v1\/jobs\/([^/]+)(?:\/(cancel|retry))?$/.exec(path) ?? [];
      const job = jobs.get(id);
      if (!job || method === 'GET') return job;
      const after = madeUpJob(id, { status: deed === 'cancel' ? 'cancelled' : 'running' });
      if (deed === 'cancel') jobs.set(id, after);
      return after;
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const add = (id: string, more: Partial<Job> = {}): JobSummary => {
    const job = madeUpJob(id, more);
    jobs.set(id, job);
    return summaryOf(job, `About ${id}`);
  };
  beforeEach(() => {
    jobs = new Map();
    counts = { active: 3, failed: 1 };
    listed = [
      add('job_a'),
      add('job_b', { tags: ['spanish'] }),
      add('job_c', { status: 'queued', concurrencyKey: 'k' }),
      add('job_d', { status: 'failed' }),
      add('job_e', { status: 'succeeded' }),
    ];
    socket = null;
    heard = [];
  });

  const open = async (address = '/', { clock = false } = {}): Promise<Tab> => {
    const tab = await house.tab();
    if (clock) await tab.page.clock.install();
    await tab.page.routeWebSocket(/\/v1\/events$/, (route) => {
      socket = route;
      route.onMessage((message) => {
        const frame = JSON.parse(String(message)) as { feed?: object };
        heard.push(frame);
        if (frame.feed) route.send(JSON.stringify({ feed: { after: 0 } }));
      });
    });
    await tab.page.goto(`${house.origin}${address}`);
    await tab.page.locator('a[data-job]').first().waitFor();
    return tab;
  };
  const live = ({ page }: Tab) => page.getByText('Live', { exact: true }).waitFor();
  const tell = (frame: object) => socket?.send(JSON.stringify(frame));
  const entry = (job: string, event: object, seq = 1) => ({
    entry: { seq, job, jobType: 'extractArticle', subject: null, event },
  });
  const row = ({ page }: Tab, id: string) =>
    page.locator('tr').filter({ has: page.locator(`a[data-job="${id}"]`) });
  const rowIds = ({ page }: Tab) =>
    page.evaluate<string[]>("[...document.querySelectorAll('a[data-job]')].map((link) => link.dataset.job)");
  const asked = (what: string) => house.asked.filter((line) => line === what).length;

  it(
    'takes for new what was submitted since, and not what other pages of it have',
    async () => {
      const tab = await open();
      await live(tab);
      tell(entry('job_of_page_two', madeUpEvent(7, { type: 'job.succeeded' }), 1));
      listed.unshift(add('job_new'));
      tell(entry('job_new', madeUpEvent(1, { type: 'job.queued' }), 2));
      await tab.page.getByRole('button', { name: '1 new job: show' }).waitFor();
      // Nothing moves before somebody wants it.
      expect(await rowIds(tab)).not.toContain('job_new');
      expect(await tab.page.getByRole('link', { name: /^Active/ }).innerText()).toBe('Active 3');
      await tab.page.getByRole('button', { name: '1 new job: show' }).click();
      await row(tab, 'job_new').waitFor();
      await tab.page.getByRole('button', { name: /new job/ }).waitFor({ state: 'detached' });
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'leaves the keyboard at its row when others come before it',
    async () => {
      listed = Array.from({ length: 15 }, (_, index) => add(`job_${index}`));
      const tab = await open();
      await live(tab);
      const rowsThen = await rowIds(tab);
      for (let round = 1; round <= 12; round += 1) {
        // The tenth row leaves its ten with the first one that comes.
        if (round === 1) await row(tab, 'job_9').getByRole('link').focus();
        listed.unshift(add(`job_new_${round}`));
        if (round === 6) {
          // One that has ended goes to the end of the list.
          listed = listed.filter(({ id }) => id !== 'job_3');
          listed.push(add('job_3', { status: 'succeeded' }));
        }
        tell(entry(`job_new_${round}`, madeUpEvent(1, { type: 'job.queued' }), round));
        await tab.page.getByRole('button', { name: '1 new job: show' }).dispatchEvent('click');
        await row(tab, `job_new_${round}`).waitFor();
        await tab.page.getByRole('button', { name: /new job/ }).waitFor({ state: 'detached' });
        await row(tab, 'job_9').locator('a:focus').waitFor();
      }
      const rest = rowsThen.filter((id) => id !== 'job_3');
      expect((await rowIds(tab)).slice(12)).toEqual([...rest, 'job_3']);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'finds what was submitted between its reading and the start of the feed',
    async () => {
      const tab = await house.tab();
      await tab.page.routeWebSocket(/\/v1\/events$/, (route) => {
        socket = route;
        route.onMessage(() => undefined);
      });
      await tab.page.goto(house.origin);
      await row(tab, 'job_a').waitFor();
      await until(() => socket !== null, { what: 'the page has connected' });
      listed.unshift(add('job_between', { createdAt: new Date().toISOString() }));
      tell({ feed: { after: 12 } });
      await tab.page.getByRole('button', { name: '1 new job: show' }).waitFor();
      expect(await rowIds(tab)).not.toContain('job_between');
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'is read every few seconds while there is no connection, and not before the time that a refusal asks for',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      await page.routeWebSocket(/\/v1\/events$/, (route) => route.onMessage(() => undefined));
      await page.clock.install();
      await page.goto(house.origin);
      await row(tab, 'job_a').waitFor();
      let isRefused = false;
      let reads = 0;
      await page.route(/\/v1\/jobs\?.*counts=false/, async (route) => {
        reads += 1;
        if (!isRefused) return route.continue();
        const json = { code: 'rate-limited', title: 'Slow down', detail: '', status: 429, retryAfter: 600 };
        return route.fulfill({ status: 429, json });
      });
      const readAfter = async (ms: number) => {
        const before = reads;
        await page.clock.runFor(ms);
        await until(() => reads > before, { what: 'the list is read' });
      };
      for (const ms of [1_000, 2_000, 5_000, 5_000]) await readAfter(ms + 100);
      isRefused = true;
      await readAfter(5_100);
      const before = reads;
      // The time of the machine goes on beside it.
      await page.clock.runFor(400_000);
      expect(reads).toBe(before);
      isRefused = false;
      // From when on it waits is told by nobody.
      await until(
        async () => {
          await page.clock.runFor(50_000);
          return reads > before;
        },
        { what: 'the list is read' },
      );
      await page.close();
    },
    limitMs,
  );

  it(
    'reads a job again of which nothing is told, and not for ever',
    async () => {
      const tab = await open('/', { clock: true });
      await live(tab);
      const reads = () => asked('GET /v1/jobs/job_a');
      await until(() => reads() > 0, { what: 'the row has read its job' });
      const stalled = { since: new Date().toISOString(), reason: 'no-worker' } as const;
      jobs.set('job_a', madeUpJob('job_a', { stalled }));
      await tab.page.clock.runFor(8_100);
      await row(tab, 'job_a').getByText('No worker is there to take it').waitFor();
      const before = reads();
      for (const [looks, ms] of [8_100, 12_000, 40_000].entries()) {
        await tab.page.clock.runFor(ms);
        await until(() => reads() > before + looks, { what: 'the row looks again' });
      }
      await tab.page.clock.runFor(600_000);
      expect(reads()).toBe(before + 3);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'cancels and retries many at once, and says first how many',
    async () => {
      const tab = await open();
      const { page } = tab;
      await page.getByRole('checkbox', { name: 'Select About job_a' }).check();
      // By the keyboard, too.
      await page.locator('a[data-job="job_b"]').focus();
      for (const letter of ['x', 'j', 'j', 'x', 'j', 'x']) await page.keyboard.press(letter);
      await page.getByText('4 jobs selected').waitFor();
      await pictureOf(tab, 'list-selected');
      await page.keyboard.press('c');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('heading', { name: 'Cancel 2 jobs?' }).waitFor();
      const before = asked('POST /v1/jobs/job_a/cancel');
      await dialog.getByRole('button', { name: 'Cancel 2 jobs' }).click();
      await row(tab, 'job_a').getByText('cancelled', { exact: false }).first().waitFor();
      await row(tab, 'job_b').getByText('cancelled', { exact: false }).first().waitFor();
      expect(asked('POST /v1/jobs/job_a/cancel')).toBe(before + 1);
      expect(asked('POST /v1/jobs/job_d/cancel')).toBe(0);
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('checkbox', { name: 'Select About job_d' }).check();
      await page.getByRole('button', { name: 'Retry 1' }).click();
      await dialog.getByRole('button', { name: 'Retry 1 job' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(asked('POST /v1/jobs/job_d/retry')).toBe(1);
      await page.close();
    },
    limitMs,
  );

  it(
    'gives the keyboard back to the row, however its question is answered',
    async () => {
      const tab = await open();
      const { page } = tab;
      const link = page.locator('a[data-job="job_b"]');
      const dialog = page.getByRole('dialog');
      const isBack = () => link.and(page.locator(':focus')).waitFor();
      await link.focus();
      for (const answer of [
        () => page.keyboard.press('Escape'),
        () => dialog.getByRole('button', { name: 'Not now' }).click(),
        () => dialog.getByRole('button', { name: 'Stop it' }).click(),
      ]) {
        await page.keyboard.press('c');
        await dialog.waitFor();
        await answer();
        await dialog.waitFor({ state: 'detached' });
        await isBack();
      }
      await page.keyboard.press('?');
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await isBack();
      expect(tab.complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'folds its columns away with Escape, and when the keyboard or the pointer goes elsewhere',
    async () => {
      const tab = await open();
      const { page } = tab;
      const menu = page.getByText('Columns', { exact: true });
      const box = page.getByRole('checkbox', { name: 'Wasted' });
      await menu.focus();
      for (const leave of [
        () => page.keyboard.press('Escape'),
        () => page.locator('a[data-job="job_b"]').focus(),
        () => page.getByRole('heading', { name: 'Jobs' }).click(),
      ]) {
        await menu.click();
        await box.focus();
        await leave();
        await box.waitFor({ state: 'hidden' });
      }
      await menu.click();
      await box.focus();
      await page.keyboard.press('Escape');
      await menu.and(page.locator(':focus')).waitFor();
      expect(await box.isVisible()).toBe(false);
      await page.close();
    },
    limitMs,
  );

  it(
    'keeps columns and filters in the address, through a reload',
    async () => {
      const tab = await open('/?tag=spanish');
      const { page } = tab;
      expect(await page.getByRole('columnheader', { name: 'Wasted' }).count()).toBe(1);
      await page.getByText('Columns', { exact: true }).click();
      await page.getByRole('checkbox', { name: 'Wasted' }).uncheck();
      await page.getByRole('checkbox', { name: 'Tags' }).check();
      await page.waitForURL((url) => (url.searchParams.get('columns') ?? '').includes('tags'));
      await page.reload();
      await page.locator('a[data-job]').first().waitFor();
      expect(await page.getByRole('columnheader', { name: 'Wasted' }).count()).toBe(0);
      expect(await page.getByRole('columnheader', { name: 'Tags' }).count()).toBe(1);
      expect(new URL(page.url()).searchParams.get('tag')).toBe('spanish');
      await page.close();
    },
    limitMs,
  );

  it(
    'says of each job why it is where it is',
    async () => {
      const nextRetryAt = new Date(Date.now() + 3_600_000).toISOString();
      const expiresAt = nextRetryAt;
      const wait = { id: '1', schema: {}, data: null, expiresAt };
      const { steps } = madeUpJob('any');
      const failure = { title: 'Slow down', detail: '', code: 'rate-limited', type: '', status: 429 };
      const pausing = steps.map((step, index) => ({
        ...step,
        ...(index === 1 && { nextRetryAt, lastFailure: { ...failure, retryable: true, provider: 'openai' } }),
      }));
      listed = [
        add('job_worker', { stalled: { since: new Date().toISOString(), reason: 'no-worker' } }),
        add('job_key', { status: 'queued', concurrencyKey: 'k' }),
        add('job_provider', { steps: pausing }),
        add('job_person', { status: 'waiting', waitingFor: [{ ...wait, name: 'review' }] }),
        add('job_budget', { status: 'waiting', waitingFor: [{ ...wait, name: 'budget' }] }),
        add('job_place', { status: 'queued' }),
      ];
      const tab = await open();
      await live(tab);
      tell({ job: 'job_key', event: madeUpEvent(2, { type: 'job.queued', data: { behind: 'job_x' } }) });
      const said = (id: string, text: RegExp) => row(tab, id).getByText(text).waitFor();
      await said('job_worker', /No worker is there to take it/);
      await said('job_key', /Waits for its key “k” behind job_x/);
      await said('job_provider', /Next try in (1 h|59 min).*Slow down \(openai\)/);
      await said('job_person', /Waits for a person: review/);
      await said('job_budget', /Its budget is used up/);
      await said('job_place', /Waits for a place/);
      expect(tab.complaints).toEqual([]);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'has a thousand jobs, draws those in sight, reads those alone, and follows no more than a socket does',
    async () => {
      listed = Array.from({ length: 1_000 }, (_, index) => add(`job_${index}`));
      const before = house.asked.length;
      const tab = await open('/?size=1000');
      await live(tab);
      expect(await rowIds(tab)).toHaveLength(1_000);
      // On a slow machine there is no connection for a while, and what is in sight is read again.
      const read = house.asked.slice(before).filter((line) => line.startsWith('GET /v1/jobs/job_'));
      expect(new Set(read).size).toBeLessThan(100);
      const followed = heard.flatMap((frame) => (frame as { subscribe?: object[] }).subscribe ?? []);
      expect(followed).toHaveLength(100);
      // From one block of rows to the next, and to one that was never in sight.
      await tab.page.locator('a[data-job="job_508"]').focus();
      for (const letter of ['j', 'j', 'x']) await tab.page.keyboard.press(letter);
      await row(tab, 'job_510').getByRole('checkbox', { checked: true }).waitFor();
      await tab.page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
      await tab.page.getByText('1000 jobs selected').waitFor();
      await tab.page.locator('a[data-job="job_999"]').scrollIntoViewIfNeeded();
      await until(() => asked('GET /v1/jobs/job_999') > 0, { what: 'the last row is read when it is seen' });
      expect(tab.complaints).toEqual([]);
      await tab.page.close();
    },
    limitMs,
  );
});
