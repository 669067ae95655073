import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { summariseFolder } from '../../job-types/summarise-folder.js';
import { isAlive } from '../../scripts/local/processes.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { findChromium, openBrowser, openTab, type Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { complaintsOfAxe, isTooWide } from '../harness/page-checks.js';
import { pictureOf } from '../harness/pictures.js';
import { type StackPlace, stackPlace, StackProcess } from '../harness/stack-process.js';
import { until } from '../harness/until.js';
import { askerOf } from '../harness/web-stack.js';

const limitMs = 240_000;
/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;
const executable = findChromium();
// Where people develop there may be no Chromium; continuous integration has to have one.
const withChromium = executable === null && !process.env['CI'] ? describe.skip : describe;

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
  let place: StackPlace;
  let stack: StackProcess;
  let browser: Browser;
  let model: ModelServer;
  let api: string;

  const open = async (): Promise<Tab> => {
    const tab = await openTab(browser);
    tab.page.setDefaultTimeout(patienceMs);
    return tab;
  };
  const read = (id: string) => askerOf(api)<Job>(`/v1/jobs/${id}`);
  const submit = (body: object) => askerOf(api)<Job>('/v1/jobs', body);
  const ended = (id: string): Promise<Job> =>
    until(
      async () => {
        const job = await read(id);
        return job.done && job;
      },
      { what: `${id} has ended`, limitMs: patienceMs },
    );
  const idIn = ({ page }: Tab): string =>
    decodeURIComponent(new URL(page.url()).pathname.split('/')[2] ?? '');

  beforeAll(async () => {
    model = await startModelServer();
    place = await stackPlace();
    Object.assign(place.env, {
      MODEL: 'openai/answer',
      MODELS: 'openai/answer,openai/in-halves',
      MODEL_PRICES: 'openai/answer=2/8,openai/in-halves=2/8',
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-of-the-stand-in',
    });
    stack = StackProcess.start(place);
    await stack.ready();
    api = `http://127.0.0.1:${place.ports.PORT}`;
    browser = await openBrowser(executable ?? 'chromium');
  }, limitMs);

  afterAll(async () => {
    await browser?.close();
    await stack?.interrupt();
    await place?.clear();
    await model?.close();
  }, limitMs);
  failOnLeftovers();

  it(
    'submits the example of a type by the keyboard alone, follows it to its result, and draws that',
    async () => {
      const tab = await open();
      const { page } = tab;
      // By then it listens: both are begun at once.
      const begun = page.waitForRequest(`${api}/v1/session`);
      await page.goto(api);
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
      const job = await ended(idIn(tab));
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
      expect((await ended(id)).status).toBe('succeeded');
      const tab = await open();
      await tab.page.goto(`${api}/jobs/${id}`);
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
      const tab = await open();
      const { page } = tab;
      await page.goto(`${api}/jobs/${job.id}`);
      const said = page.locator('.said');
      await said.first().waitFor();
      // Half of the answer; then the model hangs.
      const half = 'You said: T';
      await until(async () => (await said.innerText()) === half, { what: 'the text is shown' });
      const running = stack.part('api');
      process.kill(running.pid, 'SIGKILL');
      await until(() => !isAlive(running), { what: 'the API has ended' });
      await until(() => fetch(`${api}/healthz`, { headers: { connection: 'close' } }).then(({ ok }) => ok), {
        what: 'the API is back',
        limitMs: 90_000,
      });
      await page.getByText('The connection is lost').waitFor({ state: 'detached' });
      expect(await said.innerText()).toBe(half);
      await page.keyboard.press('c');
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      await page.getByText('text kept').waitFor();
      expect((await ended(job.id)).status).toBe('cancelled');
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
      const tab = await open();
      const { page } = tab;
      await until(
        async () => {
          await page.goto(`${api}/?status=active`);
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
      await ended(second.id);
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
          url: `${api}/samples/el-faro.html`,
          sourceLang: 'Spanish',
          targetLang: 'French',
          wordCount: 3,
          review: true,
        },
      });
      const tab = await open();
      const { page } = tab;
      await page.goto(`${api}/jobs/${id}`);
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
      const { words } = (await ended(id)).result as { words: { word: string; translation: string }[] };
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
      model.next('rate-limited', { retryAfter: '600' });
      const { id } = await submit({ type: 'ask', input: { prompt: 'Later, please.' } });
      const tab = await open();
      const { page } = tab;
      await page.goto(`${api}/jobs/${id}`);
      await page.getByRole('heading', { name: 'Failed attempts' }).waitFor();
      await page.getByText(/try 2.* in \d/).waitFor();
      await page.locator('.why').filter({ hasText: 'Next try in' }).waitFor();
      await pictureOf(tab, 'pause');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      expect((await ended(id)).status).toBe('cancelled');
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
      await page.waitForURL(new RegExp(`${id}\\.r1`));
      expect((await ended(`${id}.r1`)).status).toBe('succeeded');
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      await page.close();
    },
    limitMs,
  );

  it(
    'lets no text of a job run or fetch anything, and fits a phone in the dark',
    async () => {
      const job = await submit({ type: 'ask', input: { prompt: `Say ${hostile}` }, tags: ['<b>x'] });
      model.next('answer', { text: hostile });
      await ended(job.id);
      const again = await submit({ type: 'ask', input: { prompt: hostile } });
      await ended(again.id);
      const tab = await open();
      const { page } = tab;
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 375, height: 800 });
      for (const id of [job.id, again.id]) {
        await page.goto(`${api}/jobs/${id}`);
        await page.getByRole('heading', { name: 'Result' }).waitFor();
        await page.locator('.prose').first().waitFor();
        expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
        expect(await page.locator('main :is(script, iframe, img, svg)').count()).toBe(0);
        expect(await page.locator('main a[href^="javascript"], main a[href^="data"]').count()).toBe(0);
        expect(await isTooWide(tab)).toBe(false);
        expect(await complaintsOfAxe(tab)).toEqual([]);
      }
      await pictureOf(tab, 'job-long-words');
      await page.goto(api);
      await page.locator('a[data-job]').first().waitFor();
      expect(await pictureOf(tab, 'list-hostile')).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(api))).toEqual([]);
      expect(tab.complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );
});
