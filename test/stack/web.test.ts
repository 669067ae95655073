import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Job } from '../../job-types/contract/job.js';
import { summariseFolder } from '../../job-types/summarise-folder.js';
import { isAlive } from '../../scripts/local/processes.js';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { complaintsOfAxe, isTooWide } from '../harness/page-checks.js';
import { pictureOf } from '../harness/pictures.js';
import { PageHouse } from '../harness/page-house.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

/** Each of them runs or fetches something, where a page takes text for HTML, for an address or for a script. */
const hostile = [
  '<img src=x onerror="window.ran=1">',
  '<script>window.ran=1</script>',
  '[click](javascript:window.ran=1)',
  '![picture](http://127.0.0.1:9/picture.png)',
  '<svg onload=window.ran=1>',
  '"><iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
  '<a href="data:text/html,<script>opener.ran=1</script>">x</a>',
].join('\n\n');

withChromium('the page', () => {
  let house: PageHouse;

  const submit = (body: object) => house.ask<Job>('/v1/jobs', body);
  const idIn = ({ page }: Tab): string =>
    decodeURIComponent(new URL(page.url()).pathname.split('/')[2] ?? '');

  beforeAll(async () => {
    house = await PageHouse.open({
      MODELS: 'openai/answer,openai/in-halves',
      MODEL_PRICES: 'openai/answer=2/8,openai/in-halves=2/8',
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  it(
    'submits the example of a type by the keyboard alone, follows it to its result, and draws that',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      // By then it listens: both are begun at once.
      const begun = page.waitForRequest(`${house.api}/v1/session`);
      await page.goto(house.api);
      await page.getByRole('heading', { name: 'Jobs' }).waitFor();
      await begun;
      await page.keyboard.press('n');
      const card = page.getByRole('link', { name: 'Extract vocabulary from an article' });
      await card.waitFor();
      await pictureOf(tab, 'types');
      await card.focus();
      await page.keyboard.press('Enter');
      const fill = page.getByRole('button', { name: 'Fill in the example' });
      await fill.waitFor();
      await fill.focus();
      await page.keyboard.press('Enter');
      const count = page.getByRole('spinbutton', { name: 'Word count' });
      await page.getByText('How many words to pick · 1 to 1,000').waitFor();
      // The API says at the field what is wrong with it, and nothing was started.
      await count.fill('0');
      await page.getByRole('button', { name: 'Submit' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.field-wrong').filter({ hasText: 'Word count' }).waitFor();
      expect(await count.getAttribute('aria-invalid')).toBe('true');
      await count.and(page.locator(':focus')).waitFor();
      await pictureOf(tab, 'submit');
      expect(await complaintsOfAxe(tab)).toEqual([]);
      // Emptied, it is what the API takes instead.
      await count.fill('');
      expect(await count.getAttribute('placeholder')).toBe('30');
      // A refused field that is folded away is shown.
      const folded = page.locator('summary').filter({ hasText: 'Tags and time' });
      const timeOut = page.getByRole('spinbutton', { name: 'Time-out' });
      await folded.focus();
      await page.keyboard.press('Enter');
      await timeOut.fill('-1');
      await folded.focus();
      await page.keyboard.press('Enter');
      await timeOut.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Submit' }).focus();
      await page.keyboard.press('Enter');
      await timeOut.and(page.locator(':focus')).waitFor();
      await timeOut.fill('');
      await page.getByRole('button', { name: 'Submit' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/jobs\//);
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      const job = await house.ended(idIn(tab));
      expect(job.status).toBe('succeeded');
      const { words } = job.result as { words: { word: string }[] };
      const search = page.getByRole('searchbox', { name: 'Search' });
      await search.fill(words[0]?.word ?? '');
      await page.getByText(`of ${words.length}`, { exact: false }).first().waitFor();
      await search.fill('');
      await page.getByText('Model calls').waitFor();
      expect(await page.title()).toMatch(/^succeeded/);
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'job');
      expect(tab.abroad).toEqual([]);
      // A refused submit is a line in the browser's console.
      expect(tab.complaints.filter((line) => !line.includes('422'))).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'draws what was written of each file of a folder as Markdown',
    async () => {
      const { example } = summariseFolder;
      const { id } = await submit({ type: 'summariseFolder', input: example });
      expect((await house.ended(id)).status).toBe('succeeded');
      const tab = await house.tab();
      await tab.page.goto(`${house.api}/jobs/${id}`);
      const row = tab.page.getByRole('row').filter({ hasText: 'texts/harbour-report.md' });
      await row.getByRole('heading', { name: 'Repairs' }).waitFor();
      expect(await row.getByRole('listitem').count()).toBeGreaterThan(0);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'shows the text while it is written, keeps it through a restart of the API, and cancels in the middle of it',
    async () => {
      const job = await submit({
        type: 'ask',
        input: { prompt: 'Tell it all.', model: 'openai/in-halves' },
      });
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/jobs/${job.id}`);
      const said = page.locator('.said');
      await said.first().waitFor();
      // Half of the answer; then the model hangs.
      const half = 'You said: T';
      await until(async () => (await said.innerText()) === half, { what: 'the text is shown' });
      const running = house.stack.part('api');
      process.kill(running.pid, 'SIGKILL');
      await until(() => !isAlive(running), { what: 'the API has ended' });
      await until(
        () => fetch(`${house.api}/healthz`, { headers: { connection: 'close' } }).then(({ ok }) => ok),
        {
          what: 'the API is back',
          limitMs: 90_000,
        },
      );
      await page.getByText('The connection is lost').waitFor({ state: 'detached' });
      expect(await said.innerText()).toBe(half);
      await page.keyboard.press('c');
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      await page.getByText('text kept').waitFor();
      expect((await house.ended(job.id)).status).toBe('cancelled');
      expect(await page.getByText('cancelled', { exact: false }).first().isVisible()).toBe(true);
      await pictureOf(tab, 'cancelled');
      await page.close();
    },
    limitMs,
  );

  it(
    'tells in the list of what happens by one connection, keeps new jobs behind a button, and goes by j and k',
    async () => {
      const first = await submit({
        type: 'ask',
        input: { prompt: 'Hold on.', model: 'openai/in-halves' },
        tags: ['watched'],
      });
      const tab = await house.tab();
      const { page } = tab;
      await until(
        async () => {
          await page.goto(`${house.api}/?status=active`);
          return page
            .locator(`a[data-job="${first.id}"]`)
            .waitFor({ timeout: 5_000 })
            .then(() => true);
        },
        { what: 'the list has the job' },
      );
      await page.getByText('Live', { exact: true }).waitFor();
      let lists = 0;
      page.on('request', (request) => {
        const { pathname, searchParams } = new URL(request.url());
        // How many jobs wait for a person is the navigation's to know, and read by it when it begins to be told.
        if (pathname === '/v1/jobs' && searchParams.get('status') !== 'waiting') lists += 1;
      });
      const second = await submit({ type: 'ask', input: { prompt: 'A second one.' } });
      await page.getByRole('button', { name: /1 new job/ }).waitFor();
      await house.ended(second.id);
      await page.keyboard.press('j');
      await page.locator('a[data-job]:focus').waitFor();
      await page.locator(`a[data-job="${first.id}"]`).focus();
      await page.keyboard.press('c');
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      const row = page.locator('tr').filter({ has: page.locator(`a[data-job="${first.id}"]`) });
      await row.getByText('cancelled').waitFor();
      // Nothing was polled: the row was told, and the list is as it was.
      expect(lists).toBe(0);
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'list');
      await page.close();
    },
    limitMs,
  );

  it(
    'draws a proposal as a form, and sends what a person has kept, edited and dropped of it',
    async () => {
      const { id } = await submit({
        type: 'extractArticle',
        input: {
          url: `${house.api}/samples/el-faro.html`,
          sourceLang: 'Spanish',
          targetLang: 'French',
          wordCount: 3,
          review: true,
        },
      });
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/jobs/${id}`);
      const form = page.getByRole('form', { name: 'Answer: review' });
      const cards = form.locator('.list-field > li');
      await cards.nth(2).waitFor();
      const word = (index: number) => cards.nth(index).getByRole('textbox', { name: 'Word' });
      const kept = await word(1).inputValue();
      await cards.nth(0).getByRole('textbox', { name: 'Translation' }).fill('le mot');
      const dropped = await word(2).inputValue();
      await form.getByRole('button', { name: 'Drop Words 3' }).click();
      await cards.nth(2).waitFor({ state: 'detached' });
      // What is refused is said at its field, and the job goes on waiting.
      await word(1).fill('');
      await form.getByRole('button', { name: 'Send the answer' }).click();
      await form.locator('.field-wrong').waitFor();
      await word(1).fill(kept);
      await pictureOf(tab, 'decide');
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await form.getByRole('button', { name: 'Send the answer' }).click();
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      const { words } = (await house.ended(id)).result as { words: { word: string; translation: string }[] };
      expect(words.map(({ translation }) => translation)).toContain('le mot');
      expect(words.map((one) => one.word)).toContain(kept);
      expect(words.map((one) => one.word)).not.toContain(dropped);
      await page.close();
    },
    limitMs,
  );

  it(
    'says of a job that pauses when its next attempt comes, and what went wrong before',
    async () => {
      house.model.next('rate-limited', { retryAfter: '600' });
      const { id } = await submit({ type: 'ask', input: { prompt: 'Later, please.' } });
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/jobs/${id}`);
      await page.getByRole('heading', { name: 'Failed attempts' }).waitFor();
      await page.getByText(/try 2.* in \d/).waitFor();
      await page.locator('.why').filter({ hasText: 'Next try in' }).waitFor();
      await pictureOf(tab, 'pause');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      expect((await house.ended(id)).status).toBe('cancelled');
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
      await page.waitForURL(new RegExp(`${id}\\.r1`));
      expect((await house.ended(`${id}.r1`)).status).toBe('succeeded');
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      await page.close();
    },
    limitMs,
  );

  it(
    'lets no text of a job run or fetch anything, and fits a phone in the dark',
    async () => {
      const job = await submit({ type: 'ask', input: { prompt: `Say ${hostile}` }, tags: ['<b>x'] });
      house.model.next('answer', { text: hostile });
      await house.ended(job.id);
      const again = await submit({ type: 'ask', input: { prompt: hostile } });
      await house.ended(again.id);
      const tab = await house.tab();
      const { page } = tab;
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 375, height: 800 });
      for (const id of [job.id, again.id]) {
        await page.goto(`${house.api}/jobs/${id}`);
        await page.getByRole('heading', { name: 'Result' }).waitFor();
        await page.locator('.prose').first().waitFor();
        expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
        expect(await page.locator('main :is(script, iframe, img, svg)').count()).toBe(0);
        expect(await page.locator('main a[href^="javascript"], main a[href^="data"]').count()).toBe(0);
        expect(await isTooWide(tab)).toBe(false);
        expect(await complaintsOfAxe(tab)).toEqual([]);
      }
      await pictureOf(tab, 'job-long-words');
      await page.goto(house.api);
      await page.locator('a[data-job]').first().waitFor();
      expect(await pictureOf(tab, 'list-hostile')).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(house.api))).toEqual([]);
      expect(tab.complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );
});
