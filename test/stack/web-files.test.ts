import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { openBrowser, openTab, type Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { complaintsOfAxe } from '../harness/page-checks.js';
import { pictureOf } from '../harness/pictures.js';
import { type StackPlace, stackPlace, StackProcess } from '../harness/stack-process.js';
import { until } from '../harness/until.js';
import { whileBusy } from '../harness/while-busy.js';
import { wavOf } from '../harness/wav-of.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;
/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;

const people = 'name,city\nMarta,Lyon\nBao,Nice\nAna,Lyon\n';
const csvFile = { name: 'people of ä.csv', mimeType: 'text/csv', buffer: Buffer.from(people) };

withChromium('files in the page', () => {
  let place: StackPlace;
  let stack: StackProcess;
  let browser: Browser;
  let api: string;

  const openForm = async (type: string): Promise<Tab> => {
    const tab = await openTab(browser);
    await tab.page.goto(`${api}/submit/${type}`);
    return tab;
  };
  const ended = ({ page }: Tab): Promise<Job> => {
    const id = new URL(page.url()).pathname.split('/')[2] ?? '';
    const read = async () => {
      const answer = await fetch(`${api}/v1/jobs/${id}`, { headers: { connection: 'close' } });
      const job = (await answer.json()) as Job;
      return job.done && job;
    };
    return until(read, { what: `${id} has ended`, limitMs: patienceMs });
  };
  /** What a person does who has taken files from a folder and lets go of them over a field. */
  const drop = async ({ page }: Tab, label: RegExp, files: readonly { name: string; content: string }[]) => {
    const data = await page.evaluateHandle(`
      const transfer = new DataTransfer();
      for (const { name, content } of ${JSON.stringify(files)}) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      transfer`);
    const zone = page.locator('.files').filter({ has: page.getByLabel(label) });
    await zone.dispatchEvent('dragover', { dataTransfer: data });
    await zone.dispatchEvent('drop', { dataTransfer: data });
  };
  const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');

  beforeAll(async () => {
    place = await stackPlace();
    Object.assign(place.env, { MAX_FILE_BYTES: '1000000' });
    stack = StackProcess.start(place);
    await stack.ready();
    api = `http://127.0.0.1:${place.ports.PORT}`;
    browser = await openBrowser();
  }, limitMs);

  afterAll(async () => {
    await browser?.close();
    await stack?.interrupt();
    await place?.clear();
  }, limitMs);
  failOnLeftovers();

  it(
    'takes a file by the keyboard, waits for its upload, runs a plan over it, and gives out what was made',
    async () => {
      const tab = await openForm('runWorkbookPlan');
      const { page } = tab;
      // Asked for early: the browser has to hear that a chooser is not to be shown.
      const asked = page.waitForEvent('filechooser');
      await page.getByLabel('Message').fill('Search rows where city equals Lyon');
      const field = page.getByLabel(/^File/);
      await field.focus();
      await page.keyboard.press('Space');
      const gate = Promise.withResolvers<void>();
      await page.route(/\/v1\/files\?name=/, async (route) => {
        await gate.promise;
        await route.continue();
      });
      await (await asked).setFiles(csvFile);
      await page.getByRole('progressbar', { name: 'Uploading people of ä.csv' }).waitFor();
      expect(await page.getByRole('button', { name: 'Uploading' }).isDisabled()).toBe(true);
      gate.resolve();
      await page.getByText('1 of 1 uploaded').waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      expect(await pictureOf(tab, 'file-chosen')).toEqual([]);
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.waitForURL(/\/jobs\//);
      const form = page.getByRole('form', { name: 'Answer: confirm' });
      await form.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('heading', { name: 'Result' }).waitFor();
      const { status, result } = await ended(tab);
      expect(status).toBe('succeeded');
      const { steps } = result as { steps: { name: string }[] };
      const name = steps.at(-1)?.name ?? '';
      const link = page.getByRole('link', { name }).first();
      await link.waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      expect(await pictureOf(tab, 'file-result')).toEqual([]);
      const downloading = page.waitForEvent('download');
      await link.click();
      const download = await downloading;
      expect(download.suggestedFilename()).toBe(name);
      const made = await readFile(await download.path(), 'utf8');
      expect(made).toContain('Marta');
      expect(made).not.toContain('Bao');
      expect(tab.complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'takes many by drag and drop in their order, without those that were removed, and says at the field what is refused',
    async () => {
      const tab = await openForm('transcribeFolder');
      const { page } = tab;
      const entry = (name: string) => page.locator('.file').filter({ hasText: name });
      await drop(tab, /^Files/, [
        { name: 'a.wav', content: base64(wavOf(1)) },
        { name: 'wrong.wav', content: base64('no sound at all') },
        { name: 'large.wav', content: base64(wavOf(80)) },
        { name: 'a.txt', content: base64('What was said.') },
        { name: 'extra.txt', content: base64('To be removed.') },
      ]);
      await page.getByText('3 of 5 uploaded').waitFor();
      await entry('wrong.wav').getByRole('alert').filter({ hasText: 'not of the type' }).waitFor();
      await entry('large.wav').getByRole('alert').filter({ hasText: '1000000' }).waitFor();
      expect(await complaintsOfAxe(tab)).toEqual([]);
      expect(await pictureOf(tab, 'files-refused')).toEqual([]);
      for (const name of ['wrong.wav', 'large.wav', 'extra.txt']) {
        await page.getByRole('button', { name: `Remove ${name}` }).focus();
        await page.keyboard.press('Enter');
        await entry(name).waitFor({ state: 'detached' });
      }
      // The keyboard goes on at the field.
      await page.locator('input[type=file]:focus').waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.waitForURL(/\/jobs\//);
      const { status, result } = await ended(tab);
      expect([status, result]).toEqual([
        'succeeded',
        expect.objectContaining({
          texts: [expect.objectContaining({ title: 'a.wav', value: 'What was said.' })],
        }),
      ]);
      await page.close();
    },
    limitMs,
  );

  it(
    'shows the names of files that a form is filled with, and which of them are gone',
    async () => {
      const ask = (method: 'POST' | 'DELETE', path: string) => {
        const send = async () => {
          const body = method === 'POST' ? { body: people } : {};
          const answer = await fetch(`${api}${path}`, { method, headers: { connection: 'close' }, ...body });
          return { status: answer.status, said: (await answer.json()) as { id: string } };
        };
        return whileBusy(send, ({ status }) => status);
      };
      const send = async (name: string) => (await ask('POST', `/v1/files?name=${name}`)).said.id;
      const [kept, gone] = [await send('kept.csv'), await send('gone.csv')];
      expect((await ask('DELETE', `/v1/files/${gone}`)).status).toBe(200);
      const tab = await openForm('transcribeFolder');
      const { page } = tab;
      await page.evaluate(
        (files) =>
          localStorage.setItem(
            'longhaul.inputs.transcribeFolder',
            JSON.stringify([{ files, concurrency: 5 }]),
          ),
        [kept, gone],
      );
      await page.reload();
      await page.getByRole('region', { name: 'Templates' }).getByRole('button', { name: /^Last/ }).click();
      await page.locator('.file').filter({ hasText: 'kept.csv' }).waitFor();
      await page.locator('.file').filter({ hasText: 'not there any more' }).waitFor();
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.locator('.field-wrong .wrong').filter({ hasText: 'is no audio by its name' }).waitFor();
      expect(await pictureOf(tab, 'files-filled')).toEqual([]);
      await page.close();
    },
    limitMs,
  );
});
