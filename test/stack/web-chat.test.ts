import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Tab } from '../harness/browser.js';
import { clickTwice } from '../harness/click-twice.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';
import { complaintsOfAxe, isTooWide } from '../harness/page-checks.js';
import { pictureOf } from '../harness/pictures.js';
import { PageHouse } from '../harness/page-house.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

interface Said {
  messages: { id: string; role: string; content: string; status: string; job: string }[];
}

withChromium('conversations', () => {
  let house: PageHouse;

  const say = async ({ page }: Tab, text: string): Promise<void> => {
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill(text);
    await field.press('Enter');
  };
  const replies = ({ page }: Tab) => page.getByRole('article', { name: 'Reply' });
  const textOf = async (tab: Tab, at: number): Promise<string> =>
    (await replies(tab).nth(at).locator('.prose').innerText()).trim();
  const idIn = ({ page }: Tab): string => new URL(page.url()).pathname.split('/')[2] ?? '';
  const begin = async (text: string): Promise<{ tab: Tab; id: string }> => {
    const tab = await house.tab();
    await tab.page.goto(`${house.api}/chat`);
    await say(tab, text);
    await tab.page.waitForURL(/\/chat\/chat-/);
    return { tab, id: idIn(tab) };
  };
  const read = (id: string) => house.ask<Said>(`/v1/conversations/${id}`);

  beforeAll(async () => {
    house = await PageHouse.open({
      MODELS: 'openai/answer,openai/in-halves',
      MODEL_PRICES: 'openai/answer=2/8,openai/in-halves=2/8',
    });
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  it(
    'begins with a message, draws the answer, and is deleted with a second click, on all devices',
    async () => {
      const empty = await house.tab();
      await empty.page.goto(`${house.api}/chat`);
      await empty.page.getByText('No conversation yet.').waitFor();
      await pictureOf(empty, 'chat-empty');
      expect(await complaintsOfAxe(empty)).toEqual([]);
      house.model.next('answer', {
        text: 'Lighthouses **blink** so that ships can tell them apart.\n\n1. Each has its own rhythm.\n2. Charts say which.\n\n<img src=x onerror="window.ran=1">',
      });
      const { tab, id } = await begin('Why do lighthouses blink?');
      const { page } = tab;
      await replies(tab).locator('strong').getByText('blink').waitFor();
      await page.getByRole('button', { name: 'Answer again' }).waitFor();
      expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
      expect(await page.locator('.messages img').count()).toBe(0);
      // The other page has been told of it.
      await empty.page.getByRole('link', { name: /Why do lighthouses blink/ }).click();
      await replies(empty).locator('strong').waitFor();
      await say(empty, 'And why **red**?');
      // It comes in pieces.
      await until(async () => (await textOf(tab, 1)).includes('You said: And why'), {
        what: 'what another device has said is here',
        limitMs: 90_000,
      });
      expect(await replies(tab).count()).toBe(2);
      expect(await complaintsOfAxe(tab)).toEqual([]);
      await pictureOf(tab, 'chat-thread');
      expect(await isTooWide(tab)).toBe(false);
      await page.getByRole('button', { name: 'Delete' }).click();
      expect((await read(id)).messages.length).toBe(4);
      await clickTwice(page.getByRole('button', { name: /Delete the conversation/ }));
      await page.getByRole('heading', { name: 'A new conversation' }).waitFor();
      await page.getByText('No conversation yet.').waitFor();
      await empty.page.reload();
      await empty.page.getByText('There is no such conversation').waitFor();
      await page.close();
      await empty.page.close();
    },
    limitMs,
  );

  it(
    'goes on after a reload in the middle of a reply, takes messages meanwhile, and stops on two devices at once',
    async () => {
      const text = 'The sea is deep. '.repeat(20).trim();
      house.model.next('in-halves', { text });
      const { tab, id } = await begin('Tell me of the sea.');
      const { page } = tab;
      const half = text.slice(0, Math.ceil(text.length / 2)).trim();
      const shows = (one: Tab) =>
        until(
          async () => (await replies(one).locator('.prose').count()) > 0 && (await textOf(one, 0)) === half,
          {
            what: 'the half that the model has said is shown',
            limitMs: 90_000,
          },
        );
      await shows(tab);
      await page.reload();
      await shows(tab);
      const other = await house.tab();
      await other.page.goto(`${house.api}/chat/${id}`);
      await shows(other);
      // Said while the reply is being written: it is answered afterwards.
      await say(tab, 'And of the sky.');
      await other.page.getByText('Waits until the message before it is answered.').waitFor();
      await pictureOf(tab, 'chat-writing');
      expect(await complaintsOfAxe(tab)).toEqual([]);
      expect(await isTooWide(tab)).toBe(false);
      await page.keyboard.press('Escape');
      for (const one of [tab, other]) {
        await one.page.getByText('It was stopped here.').waitFor();
        await until(async () => (await textOf(one, 1)) === 'You said: And of the sky.', {
          what: 'the second message is answered',
          limitMs: 90_000,
        });
        expect(await replies(one).count()).toBe(2);
        expect(await textOf(one, 0)).toBe(half);
      }
      const { messages } = await read(id);
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
      expect(messages[1]?.status).toBe('stopped');
      await other.page.close();
      await page.close();
    },
    limitMs,
  );

  it(
    'says what went wrong with a reply and with a message, and makes neither twice when it is tried again',
    async () => {
      house.model.next('context-too-long');
      const { tab, id } = await begin('First.');
      const { page } = tab;
      await page.locator('.reply .note-bad').waitFor();
      await pictureOf(tab, 'chat-failed');
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByText('You said: First.').waitFor();
      // The message arrives, and the answer to it is lost on the way.
      await page.route(
        '**/messages',
        async (route) => {
          await route.fetch();
          await route.abort();
        },
        { times: 1 },
      );
      await say(tab, 'Second.');
      await page.getByRole('button', { name: 'Send again' }).waitFor();
      // Another one does not take its place.
      await say(tab, 'Third.');
      await page.getByText('take it back, first').waitFor();
      expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
      expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Third.');
      await page.getByRole('button', { name: 'Send again' }).click();
      await page.getByRole('button', { name: 'Send again' }).waitFor({ state: 'detached' });
      await page.getByText('You said: Second.').waitFor();
      // The page is told sooner than the API has it saved.
      const said = await until(
        async () => {
          const { messages } = await read(id);
          return messages.at(-1)?.status === 'complete' && messages;
        },
        { what: 'it is answered', limitMs: 90_000 },
      );
      expect(said.map(({ content }) => content)).toEqual([
        'First.',
        'You said: First.',
        'Second.',
        'You said: Second.',
      ]);
      const before = said[3]?.job;
      await page.getByRole('button', { name: 'Answer again' }).click();
      const again = await until(
        async () => {
          const { messages } = await read(id);
          return messages[3]?.status === 'complete' && messages[3].job !== before && messages;
        },
        { what: 'it is answered again', limitMs: 90_000 },
      );
      expect(again.length).toBe(4);
      await page.close();
    },
    limitMs,
  );
});
