import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Job } from '../../client/index.js';
import type { Tab } from '../harness/browser.js';
import { hostileTexts, markOf } from '../harness/hostile-texts.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type MadeUpHouse, openMadeUpHouse } from '../harness/made-up-house.js';
import { madeUpCall, madeUpEvent, madeUpJob, madeUpTypes, summaryOf } from '../harness/made-up-jobs.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;

const texts = hostileTexts(3_000);
const shares = {
  lines: texts.slice(0, 2_000),
  cells: texts.slice(2_000, 2_200),
  said: texts.slice(2_200, 2_400),
  items: texts.slice(2_400, 2_500),
  notes: texts.slice(2_500, 2_600),
  waits: texts.slice(2_600, 2_800),
  subjects: texts.slice(2_800, 3_000),
};

/** Texts of strangers stand at every place where a job has one. The API is made up: no model says so much. */
withChromium('texts that are hostile', () => {
  let house: MadeUpHouse;

  const [aText = ''] = texts;
  const failure = {
    type: 'javascript:window.ran=1',
    title: aText,
    status: 500,
    detail: aText,
    code: aText,
    retryable: true,
    provider: aText,
  };
  const { steps } = madeUpJob('any');
  const jobs: Readonly<Record<string, Job>> = {
    result: madeUpJob('result', {
      status: 'succeeded',
      tags: shares.notes.slice(0, 20),
      result: { lines: shares.lines, cells: shares.cells.map((cell) => ({ [aText]: cell, cell })) },
      steps: steps.map((step, index) => ({
        ...step,
        title: aText,
        notes: index === 0 ? shares.notes : [],
        ...(index === 1 && { total: 100, done: 0, failed: 100 }),
      })),
    }),
    waits: madeUpJob('waits', {
      status: 'waiting',
      failure,
      cancel: {
        requestedAt: null,
        reason: aText,
        mode: null,
        deadline: null,
        escalated: false,
        requestedBy: null,
      },
      waitingFor: [
        {
          id: '1',
          name: aText,
          schema: {
            type: 'object',
            title: aText,
            properties: { text: { type: 'string', title: aText, description: aText } },
          },
          data: { waits: shares.waits },
          expiresAt: new Date().toISOString(),
        },
      ],
    }),
  };
  const answers: readonly [RegExp, unknown][] = [
    [/\/v1\/job-types$/, { items: madeUpTypes() }],
    [
      /\/v1\/jobs$/,
      {
        items: shares.subjects.map((subject, index) => ({
          ...summaryOf(madeUpJob(`job_${index}`, { status: 'succeeded' }), subject),
          type: subject,
          tags: [subject],
        })),
        nextPageToken: null,
        counts: null,
      },
    ],
    [/\/v1\/jobs\/result$/, jobs['result']],
    [/\/v1\/jobs\/waits$/, jobs['waits']],
    [
      /\/items$/,
      {
        items: shares.items.map((item) => ({
          step: aText,
          item,
          status: 'failed',
          attempt: 1,
          startedAt: new Date().toISOString(),
          finishedAt: null,
          failure,
          reused: false,
        })),
        nextPageToken: null,
      },
    ],
    [
      /\/calls$/,
      { items: [madeUpCall('1', { model: aText, prompt: aText, failureCode: aText })], nextPageToken: null },
    ],
  ];

  beforeAll(async () => {
    house = await openMadeUpHouse(({ path }) => answers.find(([form]) => form.test(path))?.[1]);
  }, limitMs);
  afterAll(() => house?.close(), limitMs);
  failOnLeftovers();

  const open = async (): Promise<Tab & { asked: string[] }> => {
    const tab = await house.tab();
    const asked: string[] = [];
    tab.page.on('request', (request) => asked.push(request.url()));
    await tab.page.addInitScript(
      "window.refused = []; addEventListener('securitypolicyviolation', (event) => window.refused.push(event.blockedURI + event.violatedDirective))",
    );
    await tab.page.routeWebSocket(/\/v1\/events$/, () => undefined);
    const events = shares.said.map((text, index) =>
      madeUpEvent(index + 1, { type: 'output.delta', step: 'extract', attempt: index + 1, data: { text } }),
    );
    const body = events.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    await tab.page.route(/\/v1\/jobs\/result\/events/, (route) =>
      route.fulfill({ contentType: 'text/event-stream', body }),
    );
    return { ...tab, asked };
  };

  const made =
    'main :is(script, iframe, object, embed, video, img, svg, style, link, meta, base, math, template)';
  /** What has become more than text, and which texts are not there. */
  const harm = async ({ page, asked, complaints, abroad }: Tab & { asked: string[] }, marks: number[]) => {
    const shown = (await page.evaluate<string>('document.body.textContent')).toLowerCase();
    const hrefs = await page.evaluate<string[]>(
      "[...document.querySelectorAll('main a')].map((a) => a.href)",
    );
    return {
      lost: marks.filter((mark) => !shown.includes(markOf(mark))),
      ran: await page.evaluate<boolean>("'ran' in window"),
      refused: await page.evaluate<unknown[]>('window.refused'),
      made: await page.locator(made).count(),
      addresses: hrefs.filter((href) => !/^(https?:|mailto:|$)/.test(href)),
      asked: [...abroad, ...asked.filter((url) => !url.startsWith(house.origin))],
      complaints: complaints.filter((line) => !line.includes('404')),
    };
  };
  const none = { lost: [], ran: false, refused: [], made: 0, addresses: [], asked: [], complaints: [] };
  const numbersFrom = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

  it(
    'run nothing and fetch nothing as a result, as what a model says, as items and as notes',
    async () => {
      const tab = await open();
      await tab.page.goto(`${house.origin}/jobs/result`);
      await tab.page.getByRole('heading', { name: 'Result' }).waitFor();
      await tab.page
        .locator('.said')
        .nth(shares.said.length - 1)
        .waitFor({ state: 'attached' });
      await tab.page.locator('.item').last().waitFor();
      await tab.page.locator('.calls li').first().waitFor();
      // Until the part that draws Markdown has come, long texts are shown as they are.
      await tab.page.locator('.prose blockquote').first().waitFor();
      expect(await harm(tab, numbersFrom(0, 2_600))).toEqual(none);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'run nothing and fetch nothing in what a person decides on',
    async () => {
      const tab = await open();
      await tab.page.goto(`${house.origin}/jobs/waits`);
      await tab.page.getByRole('button', { name: 'Send the answer' }).waitFor();
      await tab.page.locator('.prose').first().waitFor({ state: 'attached' });
      expect(await harm(tab, numbersFrom(2_600, 2_800))).toEqual(none);
      await tab.page.close();
    },
    limitMs,
  );

  it(
    'run nothing and fetch nothing in the list',
    async () => {
      const tab = await open();
      await tab.page.goto(`${house.origin}/?columns=status,tags,where`);
      await tab.page.locator('a[data-job]').last().waitFor();
      expect(await harm(tab, numbersFrom(2_800, 3_000))).toEqual(none);
      await tab.page.close();
    },
    limitMs,
  );
});
