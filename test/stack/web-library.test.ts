import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { generateCv } from '../../job-types/generate-cv.js';
import type {
  Document,
  ResearchDocument,
  SavedWord,
  Story,
  StoredFile,
  UsageTotals,
} from '../../client/index.js';
import type { DearestJobs } from '../../job-types/contract/spend.js';
import type { Tab } from '../harness/browser.js';
import { clickTwice } from '../harness/click-twice.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { complaintsOfAxe } from '../harness/page-checks.js';
import { PageHouse } from '../harness/page-house.js';
import { pictureOf } from '../harness/pictures.js';
import { planSaid, reviewSaid } from '../harness/stories.js';
import { until } from '../harness/until.js';
import { whileBusy } from '../harness/while-busy.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const subject = 'The Lighthouse';

const said = (line: string) => ({ actor: 'Bao', line });

/** What the model says of it: a plan, and each segment with its review. */
const told = [
  planSaid(2),
  'The storm is near, and the lamp stands still.',
  reviewSaid(0.9),
  'Inés crosses the Teeth at low tide, with the gear under her coat.',
  reviewSaid(0.8),
  JSON.stringify({
    lines: [
      { actor: 'Marta', line: 'Hold it.' },
      { actor: 'Bao', line: 'It is heavy.' },
    ],
  }),
  reviewSaid(0.9),
  'All boats are home.',
  reviewSaid(1),
];

withChromium('the library and what was spent', () => {
  let house: PageHouse;

  beforeAll(async () => {
    house = await PageHouse.open({
      MODELS: 'rules',
      OWNER_BUDGET_USD_MONTH: '20',
    });
    const form = new FormData();
    form.set('file', new Blob(['name,score\nInés,7\n'], { type: 'text/csv' }), 'scores.csv');
    const upload = async () => {
      const headers = { connection: 'close' };
      const answer = await fetch(`${house.api}/v1/files`, { method: 'POST', body: form, headers });
      await answer.text();
      return answer.status;
    };
    await Promise.all([
      whileBusy(upload, (status) => status),
      house.done('extractArticle', {
        url: `${house.api}/samples/el-faro.html`,
        ...{ sourceLang: 'Spanish', targetLang: 'French', wordCount: 12 },
      }),
      house.done('generateCv', generateCv.example),
      house.done('researchSubject', {
        subject,
        sources: [`${house.api}/samples/the-lighthouse.html`],
        model: 'rules',
      }),
    ]);
    for (const text of told) house.model.next('answer', { text });
    await house.done('createStory', { subject, player: 'Inés' });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const leave = async (tab: Tab, refusals: RegExp = /^$/) => {
    expect(tab.abroad).toEqual([]);
    // A refused request is a line in the browser's console.
    expect(tab.complaints.filter((line) => !refusals.test(line))).toEqual([]);
    await tab.page.close();
  };
  const looked = async (tab: Tab, name: string) => {
    expect(await complaintsOfAxe(tab)).toEqual([]);
    expect(await pictureOf(tab, name)).toEqual([]);
  };
  /** All in one task of the browser, so that the page draws nothing in between. */
  const lookAndWriteOn = (page: Tab['page'], text: string) =>
    page.evaluate(`
      const field = document.activeElement;
      field.form.requestSubmit();
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '${text}');
      field.dispatchEvent(new Event('input', { bubbles: true }))`);
  /** Looks for what is not there, for all, and for a part of what is there. */
  const finds = async (page: Tab['page'], { search, thing }: { search: string; thing: Locator }) => {
    const field = page.getByRole('searchbox', { name: 'Search' });
    await thing.waitFor();
    await field.fill('nothing is called so');
    await lookAndWriteOn(page, 'more');
    await page.getByText('Nothing fits').waitFor();
    expect(await field.inputValue()).toBe('more');
    await field.fill('nothing is called so');
    await page.getByRole('link', { name: 'Show all' }).click();
    await thing.waitFor();
    await field.fill(search);
    await field.press('Enter');
    await page.waitForURL(/search=/);
    await thing.waitFor();
    await field.fill('');
    await field.press('Enter');
    await page.waitForURL(({ search: query }) => !query.includes('search='));
  };
  const items = async <T>(path: string): Promise<T[]> =>
    (await house.request<{ items: T[] }>(path)).body.items;

  it(
    'finds words by what is written and chosen, keeps that in the address, and deletes at the second click',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      const words = await items<SavedWord>('/v1/words');
      const [first] = words;
      if (!first) throw new Error('The job has saved no word.');
      await page.goto(`${house.api}/`);
      await page.getByRole('link', { name: 'Library', exact: true }).click();
      const rows = page.locator('tr[data-word]');
      await rows.nth(words.length - 1).waitFor();
      await looked(tab, 'library-words');
      await page.getByRole('searchbox', { name: 'Search' }).fill(first.word);
      await page.keyboard.press('Enter');
      await page.waitForURL(/search=/);
      await until(async () => (await rows.count()) < words.length, { what: 'the list is shorter' });
      await page.reload();
      const row = page.locator(`tr[data-word="${first.id}"]`);
      const asks = async () => {
        await row.getByRole('button').press('Enter');
        return row.getByText('Really delete?').isVisible();
      };
      // It does not ask for ever.
      await until(asks, { what: 'it asks' });
      // Whoever goes away has changed their mind.
      await page.keyboard.press('Tab');
      await row.getByText('Delete', { exact: true }).waitFor();
      expect((await items<SavedWord>('/v1/words')).length).toBe(words.length);
      await house.twice(row, /./);
      expect((await items<SavedWord>('/v1/words')).map(({ id }) => id)).not.toContain(first.id);
      // By the keyboard, which goes on at the next row.
      await page.goto(`${house.api}/library/words`);
      await rows.nth(1).waitFor();
      const [top, next] = await items<SavedWord>('/v1/words');
      const deletes = (word?: SavedWord) => page.locator(`tr[data-word="${word?.id}"]`).getByRole('button');
      await clickTwice(deletes(top), { click: (one) => one.press('Enter', { timeout: 2_000 }) });
      await deletes(next).and(page.locator(':focus')).waitFor();
      await leave(tab);
    },
    limitMs,
  );

  it(
    'edits a document into a version of its own, compares the two, says what is wrong at the field, and downloads',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      const [document] = await items<Document>('/v1/documents');
      if (!document) throw new Error('The job has written no document.');
      await page.goto(`${house.api}/library/documents`);
      await page.getByRole('link', { name: document.title }).click();
      await page.getByRole('heading', { name: 'Versions' }).waitFor();
      await page.locator('.prose').waitFor();
      await looked(tab, 'library-document');
      await page.getByRole('button', { name: 'Edit' }).click();
      const form = page.getByRole('form', { name: 'Edit the document' });
      const title = form.getByRole('textbox', { name: 'Title' });
      await title.and(page.locator(':focus')).waitFor();
      await title.fill('');
      await form.getByRole('button', { name: 'Save as version 2' }).click();
      await form.locator('.field-wrong').filter({ hasText: 'Title' }).waitFor();
      await title.fill('My own CV');
      const text = form.getByRole('textbox', { name: 'Text, as Markdown' });
      await text.fill(`${await text.inputValue()}\n\nI keep bees.\n`);
      // Whoever leaves is asked, by a link or by the button of the browser.
      const question = page.getByRole('dialog', { name: 'Leave without saving?' });
      for (const away of [
        () => page.getByRole('link', { name: 'Spend', exact: true }).click(),
        () => page.goBack({ waitUntil: 'commit' }).catch(() => null),
      ]) {
        await away();
        await question.getByRole('button', { name: 'Not now' }).click();
        await question.waitFor({ state: 'detached' });
        expect(await text.inputValue()).toContain('I keep bees.');
      }
      // Back and forward is here again.
      await page.evaluate('history.back()');
      await question.waitFor();
      await page.evaluate('history.forward()');
      await question.waitFor({ state: 'detached' });
      expect(await text.inputValue()).toContain('I keep bees.');
      // Somebody else is faster: nothing of theirs is written over, and nothing of ours is lost.
      await house.request(`/v1/documents/${document.id}`, { method: 'PUT', body: { markdown: '# Theirs' } });
      await form.getByRole('button', { name: 'Save as version 2' }).click();
      await form.getByText('Your text is still here.').waitFor();
      expect(await text.inputValue()).toContain('I keep bees.');
      await looked(tab, 'library-edit');
      await form.getByRole('button', { name: 'Leave it as it was' }).click();
      await page.getByRole('button', { name: 'Edit' }).and(page.locator(':focus')).waitFor();
      await page.goto(`${house.api}/library/documents/${document.id}?version=1`);
      await page.getByRole('button', { name: 'Edit' }).click();
      await text.fill(`${await text.inputValue()}\n\nI keep bees.\n`);
      await form.getByRole('button', { name: 'Save as version 3' }).click();
      await form.waitFor({ state: 'detached' });
      await page.locator('.prose').getByText('I keep bees.').waitFor();
      const { body: saved } = await house.request<Document>(`/v1/documents/${document.id}`);
      expect(saved).toMatchObject({ version: 3, provider: null });
      expect(saved.markdown).toContain('I keep bees.');
      await page.getByRole('link', { name: 'Compare with version 1' }).click();
      await page.locator('ins').filter({ hasText: 'bees' }).waitFor();
      expect(await page.locator('del').count()).toBe(0);
      await looked(tab, 'library-compare');
      await page.getByRole('link', { name: 'Stop comparing' }).click();
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download as Markdown' }).click();
      const download = await coming;
      expect(download.suggestedFilename()).toBe('cv-42-v3.md');
      expect(await readFile(await download.path(), 'utf8')).toBe(saved.markdown);
      await page.getByRole('button', { name: 'Edit' }).click();
      await text.fill('Of no use.');
      await page.getByRole('link', { name: 'Spend', exact: true }).click();
      await question.getByRole('button', { name: 'Leave' }).click();
      await page.waitForURL(/\/spend/);
      await page.goto(`${house.api}/library/documents`);
      await house.twice(page.locator('.thing'), /Delete the document/);
      await page.getByText('No document yet').waitFor();
      expect(await items('/v1/documents')).toEqual([]);
      await leave(tab, /422|412/);
    },
    limitMs,
  );

  it(
    'corrects research in the form of its schema, and draws and edits the story that was written of it',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/library/research`);
      await finds(page, {
        search: subject.slice(1).toUpperCase(),
        thing: page.getByRole('link', { name: subject }),
      });
      await page.getByRole('link', { name: subject }).click();
      await page.getByRole('heading', { name: subject, level: 1 }).waitFor();
      await looked(tab, 'library-research');
      await page.getByRole('button', { name: 'Correct it' }).click();
      const form = page.getByRole('form', { name: 'Correct the research' });
      const title = form.getByRole('textbox', { name: /^Title/ }).first();
      await title.fill('x'.repeat(501));
      await form.getByRole('button', { name: 'Save as version 2' }).click();
      await form.locator('.field-wrong').first().waitFor();
      await title.fill('A corrected title');
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await form.getByRole('button', { name: 'Save as version 2' }).click();
      await form.waitFor({ state: 'detached' });
      await page.getByText('A corrected title').first().waitFor();
      const { body } = await house.request<ResearchDocument>(`/v1/research/${encodeURIComponent(subject)}`);
      expect(body).toMatchObject({ version: 2, content: { title: 'A corrected title' } });
      await page.goto(`${house.api}/library/stories`);
      await finds(page, { search: 'inés', thing: page.locator('.thing-link') });
      await page.locator('.thing-link').first().click();
      await page.locator('article.story').waitFor();
      await looked(tab, 'library-story');
      await page.getByRole('button', { name: 'Edit' }).click();
      const edit = page.getByRole('form', { name: 'Edit the story' });
      const introduction = edit.getByRole('textbox', { name: 'Introduction' });
      const first = await introduction.inputValue();
      await introduction.fill('');
      await edit.getByRole('button', { name: 'Save as version 2' }).click();
      await edit.locator('.field-wrong').filter({ hasText: 'Introduction' }).waitFor();
      await introduction.fill(`Mine. ${first}`);
      // Somebody else is faster: nothing of theirs is written over, and nothing of ours is lost.
      const story = `/v1/stories/${encodeURIComponent(subject)}`;
      await house.request(story, { method: 'PUT', body: { title: 'Theirs' } });
      await edit.getByRole('button', { name: 'Save as version 2' }).click();
      await edit.getByText('Your text is still here.').waitFor();
      expect(await introduction.inputValue()).toBe(`Mine. ${first}`);
      await looked(tab, 'library-story-edit');
      await edit.getByRole('button', { name: 'Leave it as it was' }).click();
      await page.reload();
      await page.getByRole('heading', { name: 'Theirs' }).waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await introduction.fill(`Mine. ${first}`);
      await edit.getByRole('textbox', { name: 'Line 2', exact: true }).fill('It is not heavy.');
      await edit.getByRole('button', { name: 'Remove line 1' }).click();
      await edit.getByRole('button', { name: 'Add a line' }).click();
      const line = page.getByRole('textbox', { name: 'Line 2', exact: true });
      await edit.getByRole('button', { name: 'Save as version 3' }).click();
      await edit.locator('.field-wrong').filter({ has: line }).waitFor();
      // A mark does not stay where another line takes the place; the keyboard does not go with a line.
      await edit.getByRole('button', { name: 'Remove line 2' }).click();
      await edit.locator('.field-wrong').waitFor({ state: 'detached' });
      const add = edit.getByRole('button', { name: 'Add a line' });
      await add.and(page.locator(':focus')).waitFor();
      await add.click();
      await line.fill('Hold it all the same.');
      await edit.getByRole('button', { name: 'Save as version 3' }).click();
      await edit.waitFor({ state: 'detached' });
      await page.locator('article.story').getByText('Mine.').waitFor();
      const { body: saved } = await house.request<Story>(story);
      expect(saved).toMatchObject({ version: 3, title: 'Theirs', introduction: { text: `Mine. ${first}` } });
      expect(saved.segments.map(({ text, lines, edited }) => [text, lines, edited])).toEqual([
        [told[3], null, false],
        [null, [said('It is not heavy.'), said('Hold it all the same.')], true],
      ]);
      await page.getByRole('link', { name: 'Compare with version 1' }).click();
      await page.locator('ins').filter({ hasText: 'Mine.' }).waitFor();
      await looked(tab, 'library-story-compare');
      await page.goto(`${house.api}/library/stories`);
      await house.twice(page.locator('.thing'), /^(Delete|Really delete)/);
      await page.getByText('No story yet').waitFor();
      expect(await items('/v1/stories')).toEqual([]);
      await leave(tab, /422|412/);
    },
    limitMs,
  );

  it(
    'lists files, saves one as it is, and deletes it at the second click',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/library/files`);
      const row = page.locator('li[data-file]').filter({ hasText: 'scores.csv' });
      await finds(page, { search: 'SCORES', thing: row });
      await looked(tab, 'library-files');
      const coming = page.waitForEvent('download');
      await row.getByRole('button', { name: 'Download' }).click();
      const download = await coming;
      expect(download.suggestedFilename()).toBe('scores.csv');
      expect(await readFile(await download.path(), 'utf8')).toBe('name,score\nInés,7\n');
      let deleted = 0;
      page.on('request', (request) => {
        if (request.method() === 'DELETE') deleted += 1;
      });
      // A double click is one click of somebody in a hurry.
      await row.getByRole('button', { name: /Delete the file/ }).dblclick();
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      expect((await items<StoredFile>('/v1/files')).map(({ name }) => name)).toContain('scores.csv');
      expect(deleted).toBe(0);
      await house.twice(row, /Delete the file/);
      const left = await items<StoredFile>('/v1/files');
      expect(left.map(({ name }) => name)).not.toContain('scores.csv');
      await leave(tab);
    },
    limitMs,
  );

  it(
    'shows of what was spent what the API says, for a range that the address keeps',
    async () => {
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/spend`);
      await page.getByRole('heading', { name: 'The dearest jobs' }).waitFor();
      await page.locator('tr[data-job]').first().waitFor();
      const totals = async (by: string) =>
        (await house.request<UsageTotals>(`/v1/usage?by=${by}`)).body.items;
      const [byDay, byModel, dearest] = await Promise.all([
        totals('day'),
        totals('model'),
        house.request<DearestJobs>('/v1/usage/jobs'),
      ]);
      const dollars = new Intl.NumberFormat('en', {
        ...{ style: 'currency', currency: 'USD', minimumFractionDigits: 3, maximumFractionDigits: 4 },
      });
      const sum = byDay.reduce((all, { costUsd }) => all + costUsd, 0);
      expect(sum).toBeGreaterThan(0);
      const figure = (name: string) =>
        page.locator('.figure').filter({ hasText: name }).locator('dd').innerText();
      expect(await figure('Spent')).toContain(dollars.format(sum));
      expect(await figure('Calls')).toContain(String(byDay.reduce((all, { calls }) => all + calls, 0)));
      for (const { key, calls } of byModel) {
        await page.locator(`li[data-key="${key}"]`).getByText(`${calls} call`).waitFor();
      }
      const rows = page.locator('tr[data-job]');
      const shown = await Promise.all(
        Array.from({ length: await rows.count() }, (_, index) => rows.nth(index).getAttribute('data-job')),
      );
      expect(shown).toEqual(dearest.body.items.map(({ jobId }) => jobId));
      await page.locator('li[data-span="month"]').getByText('left of $20.00').waitFor();
      await looked(tab, 'spend');
      await page.getByRole('link', { name: '7 days' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/days=7/);
      await page.reload();
      await until(async () => (await page.locator('.day-bar').count()) === 7, { what: 'a column a day' });
      expect(await figure('Spent')).toContain(dollars.format(sum));
      await leave(tab);
    },
    limitMs,
  );
});
