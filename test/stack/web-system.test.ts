import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiKeyList } from '../../job-types/contract/api-key.js';
import type { Job } from '../../job-types/contract/job.js';
import { projectRoot } from '../../scripts/local/project.js';
import type { Tab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { complaintsOfAxe } from '../harness/page-checks.js';
import { PageHouse } from '../harness/page-house.js';
import { pictureOf } from '../harness/pictures.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

withChromium('the system', () => {
  let house: PageHouse;

  beforeAll(async () => {
    house = await PageHouse.open();
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const looked = async (tab: Tab, name: string) => {
    expect(await complaintsOfAxe(tab)).toEqual([]);
    expect(await pictureOf(tab, name)).toEqual([]);
  };

  it(
    'says in a stack that is up that everything is, where it is, and how a key is made where there is none',
    async () => {
      await house.done('ask', { prompt: 'Hello.' });
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/`);
      await page.getByRole('link', { name: 'System' }).click();
      await page.getByText('Everything is up.').waitFor();
      for (const part of ['api', 'database', 'temporal', 'workers']) {
        await page
          .locator(`[data-part="${part}"][data-state="up"]`)
          .getByText(/^for \d/)
          .waitFor();
      }
      await page.locator('[data-provider="openai"][data-state="up"]').waitFor();
      const ui = page.getByRole('link', { name: 'Temporal UI' });
      expect(await ui.getAttribute('href')).toContain(String(house.place.ports.TEMPORAL_UI_PORT));
      await page.getByText('npm run keys -- create local').waitFor();
      expect(await page.getByRole('button', { name: 'Make a key' }).count()).toBe(0);
      await looked(tab, 'system');
      // What the last calls say of a provider is said of it, and what a person can do.
      house.model.next('wrong-key');
      await house.done('ask', { prompt: 'Hello again.' });
      await page.locator('[data-provider="openai"][data-state="down"]').waitFor();
      await page.getByRole('link', { name: 'provider-key-refused' }).waitFor();
      expect(tab.abroad).toEqual([]);
      expect(tab.complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  // The last one: from the first key on, everybody needs one.
  it(
    'makes a key that is shown once and works, and revokes it at the second click',
    async () => {
      const made = await promisify(execFile)(process.execPath, ['dist/scripts/keys.js', 'create', 'local'], {
        env: house.place.env,
        cwd: projectRoot,
      });
      const own = made.stdout.trim();
      await until(async () => (await house.request('/v1/jobs')).status === 401, {
        what: 'a key is asked for',
      });
      const tab = await house.tab();
      const { page } = tab;
      await page.goto(`${house.api}/system`);
      await page.getByLabel('API key').fill(own);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const owner = page.getByRole('textbox', { name: 'Owner of a new key' });
      await owner.fill('anna/ben');
      await page.getByRole('button', { name: 'Make a key' }).click();
      await page.locator('.field-wrong').waitFor();
      await owner.fill('anna');
      await page.keyboard.press('Enter');
      const key = await page.locator('[data-new-key]').innerText();
      expect(key).toMatch(/^lh_/);
      await looked(tab, 'system-keys');
      const submit = (by: string) =>
        house.request<Job>('/v1/jobs', {
          method: 'POST',
          body: { type: 'ask', input: { prompt: 'Hi.' } },
          key: by,
        });
      expect(await submit(key)).toMatchObject({ status: 202, body: { owner: 'anna' } });
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.reload();
      // It is shown once, and stands nowhere in the page any more.
      const row = page.locator('li[data-key]').filter({ hasText: 'anna' });
      await row.waitFor();
      expect(await page.content()).not.toContain(key.slice(16));
      await house.twice(row, /Revoke the key/);
      await until(async () => (await submit(key)).status === 401, { what: 'the key is refused' });
      const { items } = (await house.request<ApiKeyList>('/v1/keys', { key: own })).body;
      expect(items.map(({ owner: whose, revokedAt }) => [whose, revokedAt === null])).toEqual([
        ['local', true],
        ['anna', false],
      ]);
      await page.close();
    },
    limitMs,
  );
});
