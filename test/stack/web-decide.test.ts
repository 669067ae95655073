import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JobList } from '../../client/index.js';
import type { Job } from '../../job-types/contract/job.js';
import { clickTwice } from '../harness/click-twice.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';
import { complaintsOfAxe, isTooWide } from '../harness/page-checks.js';
import { pictureOf } from '../harness/pictures.js';
import { PageHouse } from '../harness/page-house.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const columnOf = { column: 'city', operator: 'equals', value: 'Lyon' };
const plan = {
  type: 'runWorkbookPlan',
  input: {
    csv: 'name,city\nMarta,Lyon\nBao,Nice\nAna,Lyon\n',
    plan: [
      { operation: 'json/generate', arguments: { columns: ['name'] } },
      { operation: 'csv/search', arguments: { conditions: [columnOf] } },
      { operation: 'sql/generate', arguments: { table_name: 'people' } },
    ],
  },
};

withChromium('the inbox', () => {
  let house: PageHouse;

  const review = (): Promise<Job> =>
    house.ask<Job>('/v1/jobs', {
      type: 'extractArticle',
      input: {
        url: `${house.api}/samples/el-faro.html`,
        sourceLang: 'Spanish',
        targetLang: 'French',
        wordCount: 4,
        review: true,
      },
    });
  const waits = (id: string): Promise<Job> =>
    until(
      async () => {
        const job = await house.ask<Job>(`/v1/jobs/${id}`);
        const { items } = await house.ask<JobList>('/v1/jobs?status=waiting');
        // Temporal's list is a moment late.
        return job.waitingFor.length > 0 && items.some((item) => item.id === id) && job;
      },
      { what: `${id} waits`, limitMs: 90_000 },
    );

  beforeAll(async () => {
    house = await PageHouse.open();
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  it(
    'shows by itself what begins to wait, and sends the words that a person has kept, edited, dropped and added',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/inbox`);
      await page.getByText('Nothing waits for you').waitFor();
      await pictureOf(tab, 'inbox-empty');
      const { id } = await review();
      const row = page.locator(`[data-row="${id}"]`);
      await row.waitFor();
      const views = page.getByRole('navigation', { name: 'Views' });
      await views.getByRole('link', { name: /Decide 1/ }).waitFor();
      const form = page.getByRole('form', { name: 'Answer: review' });
      const cards = form.locator('.list-field > li');
      await cards.nth(3).waitFor();
      const word = (index: number) => cards.nth(index).getByRole('textbox', { name: 'Word' });
      const [kept, dropped, back] = [
        await word(1).inputValue(),
        await word(2).inputValue(),
        await word(3).inputValue(),
      ];
      const difference = form.getByRole('region', { name: 'Difference to the proposal' });
      await difference.getByText('Nothing: it is sent as it was proposed.').waitFor();
      await cards.nth(0).getByRole('textbox', { name: 'Translation' }).fill('le mot');
      await form.getByRole('button', { name: 'Drop Words 4' }).click();
      await form.getByRole('button', { name: 'Drop Words 3' }).click();
      await difference.getByText('1 changed, 2 dropped').waitFor();
      await difference.getByText('le mot').waitFor();
      await difference.getByRole('button', { name: `Put back ${back}` }).click();
      await difference.getByText('1 changed, 1 dropped').waitFor();
      await form.getByRole('button', { name: 'Add' }).first().click();
      // What is refused is said at its field, and the job goes on waiting.
      await form.getByRole('button', { name: 'Send the answer' }).click();
      await cards.nth(3).locator('.field-wrong').first().waitFor();
      await word(3).fill('marea');
      await difference.getByText('1 changed, 1 added, 1 dropped').waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'inbox-words');
      expect(await isTooWide(tab)).toBe(false);
      await form.getByRole('button', { name: 'Send the answer' }).click();
      await page.getByText('Your answer to “review” was taken.').waitFor();
      const { words } = (await house.ended(id)).result as { words: { word: string; translation: string }[] };
      expect(words.length).toBe(4);
      expect(words.map(({ translation }) => translation)).toContain('le mot');
      for (const name of [kept, back, 'marea']) expect(words.map((one) => one.word)).toContain(name);
      expect(words.map((one) => one.word)).not.toContain(dropped);
      await row.waitFor({ state: 'detached' });
      await page.close();
    },
    limitMs,
  );

  it(
    'keeps back what begins to wait later, until somebody wants it',
    async () => {
      const first = await house.ask<Job>('/v1/jobs', plan);
      await waits(first.id);
      const { page } = await house.tab();
      await page.goto(`${house.api}/inbox`);
      const rows = () =>
        page
          .locator('[data-row]')
          .evaluateAll((all: { dataset: { row: string } }[]) => all.map(({ dataset }) => dataset.row));
      await page.locator(`[data-row="${first.id}"]`).waitFor();
      const second = await house.ask<Job>('/v1/jobs', plan);
      await page.getByRole('button', { name: '1 more waits: show' }).waitFor();
      expect(await rows()).toEqual([first.id]);
      await page.getByRole('button', { name: '1 more waits: show' }).click();
      await page.locator(`[data-row="${second.id}"]`).waitFor();
      expect(await rows()).toEqual([second.id, first.id]);
      await page.getByRole('button', { name: /more wait/ }).waitFor({ state: 'detached' });
      for (const { id } of [first, second]) {
        await house.ask(`/v1/jobs/${id}/cancel`, {});
        await house.ended(id);
      }
      // Where no row is left that could move, the next one is shown at once.
      await page.getByText('Nothing waits for you').waitFor();
      const third = await house.ask<Job>('/v1/jobs', plan);
      await page.locator(`[data-row="${third.id}"]`).waitFor();
      await house.ask(`/v1/jobs/${third.id}/cancel`, {});
      await house.ended(third.id);
      await page.close();
    },
    limitMs,
  );

  it(
    'changes the order, the arguments and the number of the steps of a plan, and runs that',
    async () => {
      const { id } = await house.ask<Job>('/v1/jobs', plan);
      await waits(id);
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/inbox?job=${id}`);
      const form = page.getByRole('form', { name: 'Answer: confirm' });
      const steps = form.locator('.steps-field > li');
      await steps.nth(2).waitFor();
      // By the keyboard alone, which stays with the step that moves.
      await form.getByRole('button', { name: 'Move Plan 2 up' }).focus();
      await page.keyboard.press('Enter');
      await form.getByRole('button', { name: 'Move Plan 1 up' }).and(page.locator(':focus')).waitFor();
      await form.getByRole('button', { name: 'Drop Plan 3' }).focus();
      await page.keyboard.press('Enter');
      await form.getByRole('button', { name: 'Drop Plan 2' }).and(page.locator(':focus')).waitFor();
      // What cannot be is said at its field.
      const column = steps.nth(0).getByRole('textbox', { name: 'Column', exact: true });
      await column.fill('');
      await form.getByRole('button', { name: 'Confirm' }).click();
      await steps.nth(0).locator('.field-wrong').filter({ hasText: 'Column' }).waitFor();
      await column.fill('city');
      await steps.nth(1).getByRole('textbox', { name: 'Columns' }).fill('name\ncity');
      const value = steps.nth(0).getByRole('textbox', { name: 'Text' });
      await value.fill('Nice');
      const difference = form.getByRole('region', { name: 'Difference to the proposal' });
      await difference.getByText('2 changed, 1 moved, 1 dropped').waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'inbox-plan');
      expect(await isTooWide(tab)).toBe(false);
      await form.getByRole('button', { name: 'Confirm' }).click();
      await page.getByText('Your answer to “confirm” was taken.').waitFor();
      const job = await house.ended(id);
      const {
        decision,
        steps: done,
        file,
      } = job.result as {
        decision: string;
        steps: { operation: string; rows: number }[];
        file: string;
      };
      expect(decision).toBe('run');
      expect(done.map(({ operation }) => operation)).toEqual(['csv/search', 'json/generate']);
      expect(await house.ask<unknown>(`/v1/files/${file}`)).toEqual([{ name: 'Bao', city: 'Nice' }]);
      await page.close();
    },
    limitMs,
  );

  it(
    'asks for more budget, and lets the job go on with it',
    async () => {
      const { id } = await house.ask<Job>('/v1/jobs', {
        type: 'ask',
        input: { prompt: 'Say something.' },
        budget: { maxTokens: 1 },
      });
      await waits(id);
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/inbox`);
      // The first that waits is chosen where there is room for it.
      const form = page.getByRole('form', { name: 'Answer: budget' });
      await form.getByRole('spinbutton', { name: 'Tokens' }).fill('100000');
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'inbox-budget');
      await form.getByRole('button', { name: 'Send the answer' }).click();
      await page.getByText('Your answer to “budget” was taken.').waitFor();
      expect((await house.ended(id)).status).toBe('succeeded');
      await page.close();
    },
    limitMs,
  );

  it(
    'declines with a second click, and says what became of a question that somebody else has answered',
    async () => {
      const [first, second] = [
        await house.ask<Job>('/v1/jobs', plan),
        await house.ask<Job>('/v1/jobs', plan),
      ];
      await Promise.all([waits(first.id), waits(second.id)]);
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/inbox?job=${first.id}`);
      const form = page.getByRole('form', { name: 'Answer: confirm' });
      await page.locator(`[data-row="${second.id}"]`).waitFor();
      const decline = form.getByRole('button', { name: /Decline what is proposed/ });
      const asks = decline.and(page.getByRole('button', { name: /^Really/ }));
      // The question is forgotten after some seconds, which a busy machine may take to look.
      const asked = async () => {
        if ((await asks.count()) === 0) await decline.click();
        return (await asks.count()) > 0;
      };
      await until(asked, { what: 'it asks before it declines' });
      await clickTwice(decline);
      await page.getByText('Your answer to “confirm” was taken.').waitFor();
      expect((await house.ended(first.id)).result).toMatchObject({ decision: 'declined', steps: [] });
      await page.getByRole('link', { name: 'Next' }).click();
      await form.getByRole('button', { name: 'Drop Plan 1' }).click();
      await house.ask<Job>(`/v1/jobs/${second.id}/input`, { name: 'confirm', value: { confirmed: false } });
      await page.getByText(/Somebody else has answered “confirm” meanwhile/).waitFor();
      expect(await form.count()).toBe(0);
      await page.getByText('Nothing waits for you').waitFor();
      await page.close();
    },
    limitMs,
  );
});
