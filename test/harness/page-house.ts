import type { Browser, Locator } from 'playwright-core';
import type { Job } from '../../job-types/contract/job.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { type ApiAnswer, askApi, toldByApi, type Wish } from './ask-api.js';
import { openBrowser, openTab, type Tab } from './browser.js';
import { clickTwice } from './click-twice.js';
import { closeAll } from './close-all.js';
import { type StackPlace, stackPlace, StackProcess } from './stack-process.js';
import { until } from './until.js';

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
  readonly stack: StackProcess;
  readonly browser: Browser;

  private constructor({ place, model, stack, browser }: Opened) {
    this.place = place;
    this.model = model;
    this.stack = stack;
    this.browser = browser;
    this.api = `http://127.0.0.1:${place.ports.PORT}`;
  }

  static async open(env: Record<string, string> = {}): Promise<PageHouse> {
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
      browser = await openBrowser();
      await stack.ready();
      return new PageHouse({ place, model, browser, stack });
    } catch (error) {
      await closeHouse({ place, model, stack, ...(browser && { browser }) });
      throw error;
    }
  }

  close(): Promise<void> {
    return closeHouse(this);
  }

  tab(): Promise<Tab> {
    return openTab(this.browser);
  }

  /** What the API answers to a request of its own. */
  request<T>(path: string, wish: Wish = {}): Promise<ApiAnswer<T>> {
    return askApi(`${this.api}${path}`, wish);
  }

  /** A body makes it a POST. @throws where the API refuses it */
  ask<T>(path: string, body?: object): Promise<T> {
    return toldByApi(`${this.api}${path}`, body);
  }

  ended(jobId: string): Promise<Job> {
    return until(
      async () => {
        const job = await this.ask<Job>(`/v1/jobs/${jobId}`);
        return job.done && job;
      },
      { what: `${jobId} has ended`, limitMs: patienceMs },
    );
  }

  /** Submits a job, and waits for it to be over. */
  async done(type: string, input: object): Promise<Job> {
    return this.ended((await this.ask<Job>('/v1/jobs', { type, input })).id);
  }

  /** As `clickTwice`, in a row that goes with it. */
  twice(row: Locator, name: RegExp): Promise<void> {
    return clickTwice(row.getByRole('button', { name }), { gone: row });
  }
}
