import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../test/harness/browser.js';
import { firstLoad } from '../test/harness/first-load.js';
import { madeUpEvent, madeUpJob, madeUpTypes, summaryOf } from '../test/harness/made-up-jobs.js';
import { startPageServer } from '../test/harness/page-server.js';
import { watchMainThread } from './main-thread.js';

/** Frames and the time to the pixel, of the page as it was built, before an API that answers at once. */
const rows = 1_000;
const live = 50;
const updates = 200;

const jobs = new Map(
  Array.from({ length: rows }, (_, index) => {
    const job = madeUpJob(`job_${index}`, { status: index < live ? 'running' : 'succeeded' });
    return [job.id, job] as const;
  }),
);

const server = await startPageServer(({ path, query }) => {
  if (path === '/v1/job-types') return { items: madeUpTypes() };
  if (path === '/v1/jobs') {
    const from = Number(query.get('pageToken') ?? 0);
    const to = from + Number(query.get('pageSize') ?? 50);
    const items = [...jobs.values()].slice(from, to).map((job) => summaryOf(job, `About ${job.id}`));
    return { items, nextPageToken: to < jobs.size ? String(to) : null, counts: null };
  }
  return jobs.get(path.split('/')[3] ?? '');
});
const browser = await chromium.launch({
  executablePath: findChromium() ?? 'chromium',
  args: ['--no-sandbox'],
});

/** Milliseconds between frames, from now on. */
const watchFrames = `window.gaps = []; (() => {
  let last = performance.now();
  const frame = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
})()`;
const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const tell = (line: string) => process.stdout.write(`${line}\n`);

/** Frames, in time and in work of the page's own: the machine may be busy with something else. */
async function measured(page: Page, what: string, act: () => Promise<void>): Promise<void> {
  await page.evaluate('window.gaps.length = 0');
  const { frames, tasks } = await watchMainThread(browser, act);
  const gaps = await page.evaluate<number[]>('window.gaps');
  const figures = (values: readonly number[]) =>
    [
      `p50 ${at(values, 0.5).toFixed(1)} ms`,
      `p99 ${at(values, 0.99).toFixed(1)} ms`,
      `longest ${Math.max(...values).toFixed(1)} ms`,
    ].join(', ');
  tell(`${what}: ${gaps.length} frames, from one to the next ${figures(gaps)}`);
  tell(`  processor time of the main thread for a frame: ${figures(frames)}`);
  const longest = tasks.reduce((most, one) => (one.ms > most.ms ? one : most), { ms: 0, collectingMs: 0 });
  tell(
    `  longest task ${longest.ms.toFixed(1)} ms, of which ${longest.collectingMs.toFixed(1)} ms collected garbage`,
  );
}

const [brotli, gzipped] = await Promise.all([firstLoad('br'), firstLoad('gz')]);
const kB = (bytes: number) => `${(bytes / 1_000).toFixed(0)} kB`;
tell(`first load: ${kB(brotli)} as Brotli, ${kB(gzipped)} as gzip`);

const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
let say: (frame: object) => void = () => undefined;
let sockets = 0;
await page.routeWebSocket(/\/v1\/events$/, (route) => {
  sockets += 1;
  say = (frame) => route.send(JSON.stringify(frame));
  route.onMessage((message) => {
    if ((JSON.parse(String(message)) as { feed?: object }).feed) say({ feed: { after: 0 } });
  });
});
await page.goto(`${server.origin}/?size=${rows}`);
await page.locator(`a[data-job="job_${rows - 1}"]`).waitFor({ state: 'attached' });
await page.getByText('Live', { exact: true }).waitFor();
await page.waitForTimeout(3_000);

// What the load has left over would be collected in the middle of a scene.
await (await page.context().newCDPSession(page)).send('HeapProfiler.collectGarbage');
await page.evaluate(watchFrames);
await page.mouse.move(640, 450);
await measured(page, `${rows} rows, scrolled`, async () => {
  for (let turn = 0; turn < 60; turn += 1) await page.mouse.wheel(0, turn < 30 ? 600 : -600);
  await page.waitForTimeout(500);
});
await page.evaluate('window.scrollTo(0, 0)');
await page.waitForTimeout(1_000);
// Each time to rows that were not drawn yet.
await measured(page, `${rows} rows, scrolled far`, async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    await page.mouse.wheel(0, turn < 30 ? 2_500 : -2_500);
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(500);
});
await page.evaluate('window.scrollTo(0, 0)');
await page.waitForTimeout(1_000);
// When the sentence of a row says the number of the event that was told last.
await page.evaluate(`window.seen = new Map(); new MutationObserver((records) => {
  for (const { target } of records) {
    const number = /update (\\d+)/.exec(target.textContent)?.[1];
    if (number !== undefined && !window.seen.has(number)) requestAnimationFrame(() => window.seen.has(number) || window.seen.set(number, Date.now()));
  }
}).observe(document.querySelector('main'), { subtree: true, characterData: true })`);
const before = server.asked.length;
const told = new Map<string, number>();
await measured(page, `${rows} rows, ${updates} updates`, async () => {
  for (let number = 0; number < updates; number += 1) {
    const id = `job_${number % 10}`;
    const job = madeUpJob(id);
    jobs.set(id, madeUpJob(id, { progress: { ...job.progress, message: `update ${number}` } }));
    told.set(String(number), Date.now());
    say({
      job: id,
      event: madeUpEvent(number + 1, { step: 'extract', data: { message: `update ${number}` } }),
    });
    await page.waitForTimeout(70);
  }
  await page.waitForTimeout(2_000);
});
const seen = await page.evaluate<[string, number][]>('[...window.seen]');
const delays = seen.map(([number, time]) => time - (told.get(number) ?? NaN));
tell(
  `from the event to the frame: ${delays.length} of ${updates} seen, p50 ${at(delays, 0.5)} ms, p99 ${at(delays, 0.99)} ms`,
);
const asked = server.asked.slice(before);
tell(
  `${sockets} socket; ${asked.length} requests for ${updates} events, ${asked.filter((line) => line === 'GET /v1/jobs').length} of the list`,
);
const idle = server.asked.length;
await page.waitForTimeout(10_000);
tell(`${server.asked.length - idle} requests in 10 s without an event, with ${live} open jobs`);
await browser.close();
await server.close();
