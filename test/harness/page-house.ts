import { randomUUID } from 'node:crypto';
import type { Browser, Locator } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { openBrowser, openTab, type Tab } from './browser.js';
import { clickTwice } from './click-twice.js';
import { closeAll } from './close-all.js';
import { type StackPlace, stackPlace, StackProcess } from './stack-process.js';
import { until } from './until.js';
import { whileBusy } from './while-busy.js';

/** Of whatever is waited for in a page: nothing waits longer than it has to. */
const patienceMs = 90_000;

interface Opened {
  place: StackPlace;
  model: ModelServer;
  stack: StackProcess;
  browser: Browser;
}

/** Also of a house that was never whole. */
const closeHouse = ({ place, model, stack, browser }: Omit<Opened, 'browser'> & Partial<Opened>) =>
  closeAll([() => browser?.close(), () => stack.interrupt(), () => place.clear(), () => model.close()]);

/** A whole stack as `npm start` starts it, with a browser in front of it. */
export class PageHouse {
  readonly api: string;
  readonly place: StackPlace;
  readonly model: ModelServer;

  private constructor(private readonly opened: Opened) {
    const { place, model } = opened;
    this.place = place;
    this.model = model;
    this.api = `http://127.0.0.1:${place.ports.PORT}`;
  }

  static async open(executable: string, env: Record<string, string>): Promise<PageHouse> {
    const [model, place] = await Promise.all([startModelServer(), stackPlace()]);
    Object.assign(place.env, {
      MODEL: 'openai/answer',
      MODEL_PRICES: 'openai/answer=2/8',
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-of-the-stand-in',
      ...env,
    });
    const stack = StackProcess.start(place);
    let browser: Browser | undefined;
    try {
      browser = await openBrowser(executable);
      await stack.ready();
      return new PageHouse({ place, model, browser, stack });
    } catch (error) {
      await closeHouse({ place, model, stack, ...(browser && { browser }) });
      throw error;
    }
  }

  close(): Promise<void> {
    return closeHouse(this.opened);
  }

  async tab(): Promise<Tab> {
    const tab = await openTab(this.opened.browser);
    tab.page.setDefaultTimeout(patienceMs);
    return tab;
  }

  /** What the API answers to a request of its own. */
  async ask<T>(
    path: string,
    { method = 'GET', body, key }: { method?: string; body?: unknown; key?: string } = {},
  ) {
    const wish = {
      method,
      headers: {
        connection: 'close',
        // Sent again, it is the same wish.
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const read = async () => {
      const answer = await fetch(`${this.api}${path}`, wish);
      return { status: answer.status, body: (await answer.json()) as T };
    };
    return whileBusy(read, ({ status }) => status);
  }

  /** Submits a job, and waits for it to be over. */
  async done(type: string, input: object): Promise<Job> {
    const { status, body } = await this.ask<Job>('/v1/jobs', {
      method: 'POST',
      body: { type, input },
    });
    if (status >= 300) throw new Error(`The submit was answered ${status}: ${JSON.stringify(body)}`);
    return until(
      async () => {
        const job = (await this.ask<Job>(`/v1/jobs/${body.id}`)).body;
        return job.done && job;
      },
      { what: `the ${type} has ended`, limitMs: patienceMs },
    );
  }

  /** As `clickTwice`, in a row that goes with it. */
  twice(row: Locator, name: RegExp): Promise<void> {
    return clickTwice(row.getByRole('button', { name }), { gone: row });
  }
}
