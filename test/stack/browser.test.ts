import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { toldByApi } from '../harness/ask-api.js';
import { openBrowser, openTab } from '../harness/browser.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type StackPlace, stackPlace, StackProcess } from '../harness/stack-process.js';
import { until } from '../harness/until.js';
import { withChromium } from '../harness/with-chromium.js';

const limitMs = 240_000;
/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;

withChromium('in a browser', () => {
  let place: StackPlace;
  let stack: StackProcess;
  let browser: Browser;
  let api: string;
  let job: Job;
  /** A page of somebody else's, which the API is told to let in. */
  const foreign = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>a client</title>');
  });
  let foreignOrigin: string;

  const submission = () => ({
    type: 'extractArticle',
    input: { url: `${api}/samples/el-faro.html`, sourceLang: 'Spanish', targetLang: 'French' },
  });
  const read = (id: string) => toldByApi<Job>(`${api}/v1/jobs/${id}`);

  beforeAll(async () => {
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    foreignOrigin = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
    place = await stackPlace();
    place.env['CORS_ORIGINS'] = foreignOrigin;
    place.env['MODEL'] = 'rules';
    stack = StackProcess.start(place);
    await stack.ready();
    api = `http://127.0.0.1:${place.ports.PORT}`;
    browser = await openBrowser();
    const { id } = await toldByApi<Job>(`${api}/v1/jobs`, submission());
    job = await until(
      async () => {
        const now = await read(id);
        return now.status === 'succeeded' && now;
      },
      { what: 'the job has succeeded' },
    );
  }, limitMs);

  afterAll(async () => {
    await browser?.close();
    foreign.close();
    foreign.closeAllConnections();
    await stack?.interrupt();
    await place?.clear();
  }, limitMs);
  failOnLeftovers();

  it(
    'shows the documentation of every route, asks nobody else for anything and complains of nothing',
    async () => {
      const { page, abroad, complaints } = await openTab(browser);
      await page.goto(`${api}/docs`);
      const routes = page.locator('.opblock-summary-path');
      await routes.first().waitFor();
      const document = (await (
        await fetch(`${api}/openapi.json`, { headers: { connection: 'close' } })
      ).json()) as {
        paths: Record<string, Record<string, unknown>>;
      };
      const documented = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
      await until(async () => (await routes.count()) >= documented.length, { what: 'all routes are shown' });
      expect(await routes.count()).toBe(documented.length);
      expect(abroad).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'submits the job that the documentation has for an example, as it stands, and it succeeds',
    async () => {
      const { page, complaints } = await openTab(browser);
      await page.goto(`${api}/docs`);
      const operation = page.locator('#operations-jobs-submitJob');
      await operation.locator('.opblock-summary').click();
      await operation.getByRole('button', { name: 'Try it out' }).click();
      await operation.getByRole('button', { name: 'Execute' }).click();
      const answer = operation.locator('.live-responses-table .response').first();
      await answer.waitFor();
      expect(await answer.locator('.response-col_status').innerText()).toMatch(/^202/);
      const [, id = ''] = /"id": "(job_[^"]+)"/.exec(await answer.innerText()) ?? [];
      await until(async () => (await read(id)).status === 'succeeded', {
        what: 'the job has succeeded',
      });
      // What a problem looks like is shown for no status: of an opened operation, one screen is about errors.
      const errors = await operation
        .locator('.responses-table:not(.live-responses-table) > tbody')
        .boundingBox();
      expect(errors?.height ?? Infinity).toBeLessThan(2_000);
      expect(complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'follows the link of a job to its run, which says in words what it did',
    async () => {
      const { page } = await openTab(browser);
      await page.goto(job.links.temporalUi ?? '');
      // What a job says in Markdown stands in a frame of its own.
      const shown = async () => {
        const texts = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()));
        return texts.join(' ').replaceAll(/\s+/g, ' ');
      };
      const says = (words: string) =>
        until(async () => (await shown()).includes(words), {
          what: `the page of the run says "${words}"`,
          limitMs: patienceMs,
          everyMs: 200,
        });
      for (const words of [job.id, 'extractArticle', 'Completed']) await says(words);
      for (const words of ['Fetch http://', 'Choose 30 words', 'Save 30 words']) await says(words);
      await page.getByText('User Metadata', { exact: true }).first().click();
      await says('Extract vocabulary from an article: http://');
      await says('extract succeeded: 30 words. Chosen by the built-in rules');
      await says('save succeeded: 30 new, 0 there already');
      await page.getByText('Search Attributes', { exact: true }).first().click();
      await says('JobOwner');
      await says('"JobType": "extractArticle"');
      expect(await shown()).toContain(job.id);
      await page.close();
    },
    limitMs,
  );

  it(
    'shows in its list of runs the type and the status of each job',
    async () => {
      const { input, ...request } = submission();
      const { id } = await toldByApi<Job>(`${api}/v1/jobs`, {
        ...request,
        input: { ...input, review: true },
      });
      const waiting = await until(
        async () => {
          const now = await read(id);
          return now.status === 'waiting' && now;
        },
        { what: 'the job waits' },
      );
      const { page } = await openTab(browser);
      const ui = waiting.links.temporalUi ?? '';
      const rowOf = (of: string) => page.getByRole('row').filter({ hasText: of });
      // Temporal's list is a moment late, and its page reads it once.
      const lists = async () => {
        await page.goto(ui.slice(0, ui.indexOf(`/${id}`)));
        await page.getByRole('row').nth(1).waitFor();
        const says = await Promise.all(
          [rowOf(id), rowOf(job.id)].map((row) => row.innerText({ timeout: 5_000 })),
        );
        return says[1]?.includes('Completed');
      };
      await until(lists, { what: 'the list has both', limitMs: patienceMs });
      const headings = await page.getByRole('columnheader').allInnerTexts();
      expect(headings.map((heading) => heading.trim())).toEqual(
        expect.arrayContaining(['Status', 'Workflow ID', 'Type']),
      );
      for (const words of ['Running', 'extractArticle']) {
        expect(await rowOf(id).innerText()).toContain(words);
      }
      expect(await rowOf(job.id).innerText()).toContain('Completed');
      await page.close();
    },
    limitMs,
  );

  it(
    'lets a page of CORS_ORIGINS submit, follow the events to the end and read what the headers say',
    async () => {
      const { page, complaints } = await openTab(browser);
      await page.goto(foreignOrigin);
      const seen = await page.evaluate(followJob, { api, submission: submission() });
      expect(seen).toMatchObject({ status: 202, retryAfter: '1', idempotent: 'true' });
      expect(seen.location).toBe(`/v1/jobs/${seen.id}`);
      expect(seen.events.at(-1)).toBe('end');
      expect(seen.events).toEqual(expect.arrayContaining(['step.started', 'step.succeeded']));
      const followed = await until(
        async () => {
          const now = await read(seen.id);
          return now.done && now;
        },
        { what: 'the job is done' },
      );
      expect(followed.status).toBe('succeeded');
      expect(complaints).toEqual([]);
      await page.close();
    },
    limitMs,
  );

  it(
    'keeps a page of another origin from reading anything',
    async () => {
      const { page } = await openTab(browser);
      await page.goto('about:blank');
      const outcome = await page.evaluate(
        (url) =>
          fetch(url).then(
            () => 'read',
            () => 'refused',
          ),
        `${api}/v1/jobs`,
      );
      expect(outcome).toBe('refused');
      await page.close();
    },
    limitMs,
  );
});

interface Followed {
  status: number;
  id: string;
  location: string | null;
  retryAfter: string | null;
  idempotent: string | null;
  events: string[];
}

/** Runs in the page: what a client there would do with the browser's own means. */
async function followJob({ api, submission }: { api: string; submission: object }): Promise<Followed> {
  const post = () =>
    fetch(`${api}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'from-the-page' },
      body: JSON.stringify(submission),
    });
  let answer = await post();
  while (answer.status === 503) answer = await post();
  const { id } = (await answer.json()) as { id: string };
  const again = await post();
  const events = await new Promise<string[]>((resolve, reject) => {
    const names = ['step.started', 'step.succeeded', 'end'];
    const got: string[] = [];
    const stream = new EventSource(`${api}/v1/jobs/${id}/events`);
    for (const name of names) {
      stream.addEventListener(name, () => {
        got.push(name);
        if (name !== 'end') return;
        stream.close();
        resolve(got);
      });
    }
    setTimeout(() => reject(new Error(`no end after ${got.join(', ')}`)), 90_000);
  });
  return {
    status: answer.status,
    id,
    location: answer.headers.get('location'),
    retryAfter: answer.headers.get('retry-after'),
    idempotent: again.headers.get('idempotency-replayed'),
    events,
  };
}
