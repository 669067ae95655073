import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { isAlive } from '../../scripts/local/processes.js';
import { openTab, type Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { pictureOf } from '../harness/pictures.js';
import { PageHouse } from '../harness/page-house.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;
/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;

withChromium('a job that is watched on the page', () => {
  let house: PageHouse;

  beforeAll(async () => {
    house = await PageHouse.open({
      MODELS: 'openai/answer,openai/thinking,openai/in-halves',
      MODEL_PRICES: 'openai/answer=2/8,openai/thinking=4/16,openai/in-halves=2/8',
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const open = async (address: string, within: Browser | BrowserContext = house.browser): Promise<Tab> => {
    const tab = await openTab(within);
    await tab.page.goto(`${house.api}${address}`);
    return tab;
  };
  const submit = async (type: string, input: object): Promise<string> =>
    (await house.ask<Job>('/v1/jobs', { type, input })).id;
  const hanging = () => submit('ask', { prompt: 'Tell it all.', model: 'openai/in-halves' });
  /** Half of the answer; then the model hangs. */
  const half = 'You said: T';
  const saysHalf = ({ page }: Tab) =>
    until(async () => (await page.locator('.said').first().innerText()) === half, {
      what: 'the text is shown',
      limitMs: patienceMs,
    });
  const stop = async ({ page }: Tab) => {
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
  };

  it(
    'goes on when its worker dies, strikes what is said otherwise, and says when it was resumed',
    async () => {
      house.model.next('hang-mid-stream');
      const id = await submit('ask', { prompt: 'Tell it all.' });
      const tab = await open(`/jobs/${id}`);
      const { page } = tab;
      await saysHalf(tab);
      const worker = house.stack.part('worker');
      process.kill(worker.pid, 'SIGKILL');
      await until(() => !isAlive(worker), { what: 'the worker has ended' });
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      expect((await house.ended(id)).status).toBe('succeeded');
      await page.locator('summary').filter({ hasText: 'What the model said' }).click();
      await page.getByText(/attempt 2, resumed at \d/).waitFor();
      expect(await page.locator('.said del').allInnerTexts()).toEqual([half]);
      await pictureOf(tab, 'worker-killed');
      // Whoever comes later is told the same, once.
      await page.reload();
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      await until(async () => (await page.locator('.said').count()) === 2, { what: 'both are told again' });
      expect(await page.locator('.said del').allTextContents()).toEqual([half]);
      await page.close();
    },
    limitMs,
  );

  it(
    'is the same in two tabs, and is cancelled in both',
    async () => {
      const id = await hanging();
      const [one, other] = [await open(`/jobs/${id}`), await open(`/jobs/${id}`)];
      await saysHalf(one);
      await saysHalf(other);
      await stop(one);
      for (const { page } of [one, other]) {
        await page.getByText('text kept').waitFor();
        expect(await page.locator('.said').allInnerTexts()).toEqual([half]);
        expect(await page.title()).toMatch(/^cancelled/);
        await page.close();
      }
    },
    limitMs,
  );

  it(
    'is live in more tabs of one browser than that opens connections to a host, and stopped in the last',
    async () => {
      const id = await hanging();
      const context = await house.browser.newContext();
      const tabs: Tab[] = [];
      for (let number = 1; number <= 8; number += 1) {
        const tab = await open(`/jobs/${id}`, context);
        await saysHalf(tab);
        tabs.push(tab);
      }
      await stop(tabs.at(-1) as Tab);
      for (const { page } of tabs) {
        await page.getByText('text kept').waitFor();
        expect(await page.locator('.said').allInnerTexts()).toEqual([half]);
      }
      await context.close();
    },
    limitMs,
  );

  it(
    'is caught up with after a time offline, without a word lost or doubled',
    async () => {
      const id = await hanging();
      const tab = await open(`/jobs/${id}`);
      const { page } = tab;
      await saysHalf(tab);
      await page.context().setOffline(true);
      await page.getByText('You are offline').waitFor();
      await pictureOf(tab, 'offline');
      await house.ask(`/v1/jobs/${id}/cancel`, {});
      expect((await house.ended(id)).status).toBe('cancelled');
      await page.context().setOffline(false);
      await page.getByText('You are offline').waitFor({ state: 'detached' });
      await page.getByText('text kept').waitFor();
      expect(await page.locator('.said').allInnerTexts()).toEqual([half]);
      await page.close();
    },
    limitMs,
  );

  it(
    'is forked by somebody who is told what that saves, and stands beside its fork',
    async () => {
      const id = await submit('extractArticle', {
        url: `${house.api}/samples/el-faro.html`,
        sourceLang: 'Spanish',
        targetLang: 'French',
        wordCount: 5,
      });
      expect((await house.ended(id)).status).toBe('succeeded');
      const tab = await open(`/jobs/${id}`);
      const { page } = tab;
      await page.getByRole('button', { name: 'Fork' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Nothing is reused').waitFor();
      await dialog.getByLabel('First step that is done again').selectOption('save');
      await dialog.getByText(/^Saves \$0\.\d+/).waitFor();
      await dialog.getByLabel('Model').selectOption('openai/thinking');
      await pictureOf(tab, 'fork');
      await dialog.getByRole('button', { name: 'Fork' }).click();
      await page.waitForURL((url) => !url.pathname.endsWith(id));
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      await page.getByRole('link', { name: 'See both side by side' }).click();
      await page.getByRole('heading', { name: 'Where the results differ' }).waitFor();
      await page.getByRole('rowheader', { name: 'Reused' }).waitFor();
      await pictureOf(tab, 'compare');
      // What the form says beforehand is taken from what these have used.
      await page.goto(`${house.api}/submit/extractArticle`);
      await page.getByText(/^≈ \$0\.\d+/).waitFor();
      await page.getByLabel('Model').selectOption('openai/thinking');
      expect(await page.getByRole('spinbutton', { name: 'US dollars' }).isVisible()).toBe(true);
      await pictureOf(tab, 'estimate');
      await page.close();
    },
    limitMs,
  );

  it(
    'is looked at when nothing is told of it, and says since when nobody has taken it',
    async () => {
      const worker = house.stack.part('worker');
      process.kill(worker.pid, 'SIGSTOP');
      try {
        const id = await submit('ask', { prompt: 'Is anybody there?' });
        const { page } = await open(`/jobs/${id}`);
        await page.locator('.why').getByText('Waits for a worker.').waitFor();
        await page
          .locator('.why')
          .getByText(/since \d/)
          .waitFor();
        process.kill(worker.pid, 'SIGCONT');
        await page.getByRole('heading', { name: 'Result' }).waitFor();
        expect((await house.ended(id)).status).toBe('succeeded');
        await page.close();
      } finally {
        process.kill(worker.pid, 'SIGCONT');
      }
    },
    limitMs,
  );

  it(
    'stands beside another fork, taken from the list, and goes on there until both have ended',
    async () => {
      const first = await submit('ask', { prompt: 'Tell it all.' });
      expect((await house.ended(first)).status).toBe('succeeded');
      const fork = async (name: string): Promise<string> =>
        (await house.ask<Job>(`/v1/jobs/${first}/fork`, { fromStep: 'answer', model: `openai/${name}` })).id;
      const forks = [await fork('thinking'), await fork('in-halves')];
      await house.ended(forks[0] ?? '');
      const { page } = await open('/');
      const rows = forks.map((id) => page.locator('tr').filter({ has: page.locator(`a[data-job="${id}"]`) }));
      const listed = async () =>
        (await Promise.all(rows.map((row) => row.count()))).every((count) => count > 0);
      // A page that is loaded anew has nothing selected.
      await until(
        async () => {
          if (await listed()) return true;
          await page.reload();
          await page.locator('a[data-job]').first().waitFor();
          return listed();
        },
        { what: 'the list has the forks', limitMs: patienceMs },
      );
      for (const row of rows) await row.getByRole('checkbox').check();
      await page.getByRole('link', { name: 'Side by side' }).click();
      await page.getByText('No result: it is running.').waitFor();
      await house.ask(`/v1/jobs/${forks[1]}/cancel`, {});
      await page.getByText('No result: it is cancelled.').waitFor();
      await page.getByRole('heading', { name: 'Side by side' }).waitFor();
      await page.close();
    },
    limitMs,
  );
});
