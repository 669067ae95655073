import { randomUUID } from 'node:crypto';
import { describe } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { findChromium, openBrowser, openTab, type Tab } from './browser.js';
import { closeAll } from './close-all.js';
import { type StackPlace, stackPlace, StackProcess } from './stack-process.js';
import { until } from './until.js';
import { whileBusy } from './while-busy.js';

/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;
const executable = findChromium();

/** Where people develop there may be no Chromium; continuous integration has to have one. */
export const withChromium = executable === null && !process.env['CI'] ? describe.skip : describe;

export interface WebStack {
  readonly api: string;
  readonly model: ModelServer;
  open(): Promise<Tab>;
  /** @throws where the API refuses it */
  ask<Answer>(path: string, body?: object): Promise<Answer>;
  ended(jobId: string): Promise<Job>;
  close(): Promise<void>;
}

/** What asks the API there. A body makes it a POST. */
export const askerOf =
  (api: string): WebStack['ask'] =>
  async <Answer>(path: string, body?: object): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const sent = body && { method: 'POST', body: JSON.stringify(body) };
    // Sent again, it is the same wish.
    const wish = { headers: sent ? { ...headers, 'idempotency-key': randomUUID() } : headers, ...sent };
    const read = async () => {
      const answer = await fetch(`${api}${path}`, wish);
      return { status: answer.status, ok: answer.ok, text: await answer.text() };
    };
    const { ok, text } = await whileBusy(read, ({ status }) => status);
    if (!ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text) as Answer;
  };

/** The whole stack as `npm start` starts it, with a stand-in for the model, and a browser. */
export async function startWebStack(models: readonly string[]): Promise<WebStack> {
  const model = await startModelServer();
  const place: StackPlace = await stackPlace();
  Object.assign(place.env, {
    MODEL: `openai/${models[0]}`,
    MODELS: models.map((name) => `openai/${name}`).join(','),
    MODEL_PRICES: models.map((name) => `openai/${name}=2/8`).join(','),
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: 'sk-of-the-stand-in',
  });
  const stack = StackProcess.start(place);
  let browser: Browser | null = null;
  const close = () =>
    closeAll([() => browser?.close(), () => stack.interrupt(), () => place.clear(), () => model.close()]);
  try {
    await stack.ready();
    browser = await openBrowser(executable ?? 'chromium');
  } catch (error) {
    await close();
    throw error;
  }
  const opened = browser;
  const api = `http://127.0.0.1:${place.ports.PORT}`;
  const ask = askerOf(api);
  return {
    api,
    model,
    ask,
    close,
    async open() {
      const tab = await openTab(opened);
      tab.page.setDefaultTimeout(patienceMs);
      return tab;
    },
    ended: (jobId) =>
      until(
        async () => {
          const job = await ask<Job>(`/v1/jobs/${jobId}`);
          return job.done && job;
        },
        { what: `${jobId} has ended`, limitMs: patienceMs },
      ),
  };
}
