import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

jest.setTimeout(180_000);

const races = 24;
const sideBySide = 6;

type Words = ExtractArticleResult['words'];

let house: House;
let apis: [ApiProcess, ApiProcess];

beforeAll(async () => {
  house = await openHouse();
  const [one, two] = await Promise.all([
    startApiProcess(house.env),
    startApiProcess(house.env),
    house.startWorker(),
  ]);
  apis = [one, two];
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill()));
  await house.close();
});

interface Answered {
  words: Words;
  status: number;
  body: Job | Failure;
}

/** Answers the review; an answer that nobody confirmed is given again, as 503 asks for. */
async function answer(api: ApiProcess, { id, words }: { id: string; words: Words }): Promise<Answered> {
  for (;;) {
    const response = await fetch(`${api.url}/v1/jobs/${id}/input`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'review', value: { words } }),
    });
    const body = (await response.json()) as Job | Failure;
    if (response.status !== 503) return { words, status: response.status, body };
    await pause(100);
  }
}

async function waitingJob(): Promise<{ id: string; words: Words }> {
  const { id } = await house.submit({ review: true });
  const job = await house.jobWhen(id, 'the job waits', ({ waitingFor }) => Boolean(waitingFor[0]?.data));
  const { words } = (job.waitingFor[0]?.data ?? { words: [] }) as { words: Words };
  return { id, words };
}

/** Two people decide differently at the same moment. @returns which API's answer counted */
async function race(): Promise<number> {
  const { id, words } = await waitingJob();
  const [one, two] = apis;
  const answers = await Promise.all([
    answer(one, { id, words: words.slice(0, 2) }),
    answer(two, { id, words: words.slice(2) }),
  ]);
  const [winner, loser] = answers.toSorted((a, b) => a.status - b.status);
  expect([winner?.status, loser?.status]).toEqual([200, 409]);
  expect(loser?.body).toMatchObject({ code: 'not-waiting', retryable: false });

  const job = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
  expect(job).toMatchObject({ status: 'succeeded', result: { words: winner?.words } });
  // Each asks again, at the other one's API, and hears the same.
  const again = await Promise.all([
    answer(two, { id, words: winner?.words ?? [] }),
    answer(one, { id, words: loser?.words ?? [] }),
  ]);
  expect(again.map(({ status }) => status)).toEqual([200, 409]);
  return answers.findIndex(({ status }) => status === 200);
}

describe('two different answers to one wait at the same moment, over two API processes', () => {
  it(`are one that counts and one that is refused, ${races} times`, async () => {
    const winners: number[] = [];
    let left = races;
    const runner = async () => {
      for (; left > 0; winners.push(await race())) left -= 1;
    };
    const runners = await Promise.allSettled(Array.from({ length: sideBySide }, runner));
    expect(runners.filter(({ status }) => status === 'rejected')).toEqual([]);
    const [first, second] = [0, 1].map((api) => winners.filter((winner) => winner === api).length);
    process.stdout.write(`answers that counted, by API: ${first} and ${second}\n`);
    expect(winners).toHaveLength(races);
  });
});

failOnLeftovers();
