import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type CaseServer, startCaseServer } from '../../harness/case-server.js';
import { openStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { jsonAnswer, rawAnswer } from '../../harness/provider-answers.js';

/*
 * Recorded answers of providers, from the stream to what a person sees. What each means alone is in fast/.
 */

jest.setTimeout(180_000);

const names = [
  ...['p01-think-tags', 'p04-no-finish-reason', 'p06-context-error-in-200', 'p09-json-error-with-200'],
  ...['p11-json-schema-unavailable', 'p22-half-emoji~0.1s', 'p29-bad-then-good', 'plain'],
];

/** An article that has the words of the recorded answers: what does not stand in the text is dropped. */
const article = [
  'El viejo farero subía cada noche los escalones del faro para encender la lámpara, y abajo el mar no descansaba nunca.',
  'Cuando la niebla cubría la bahía, los pescadores buscaban la luz entre las olas y volvían despacio hacia el puerto.',
  'Durante medio siglo ningún barco se perdió delante de aquella costa, y en el pueblo todos sabían a quién lo debían.',
]
  .map((paragraph) => `<p>${paragraph}</p>`)
  .join('');

let cases: CaseServer;
let house: House;

beforeAll(async () => {
  cases = await startCaseServer();
  const page = `<!doctype html><html lang="es"><title>El faro</title><article><h1>El faro</h1>${article}</article></html>`;
  cases.add('lighthouse', rawAnswer(page, { type: 'text/html; charset=utf-8' }));
  cases.add('p11-json-schema-unavailable', [
    await cases.recorded('p11-json-schema-unavailable.http'),
    await cases.recorded('plain.http'),
  ]);
  cases.add('slow-down', [
    jsonAnswer('429 Too Many Requests', { error: { message: 'Please try again in 3.5s.' } }),
    await cases.recorded('plain.http'),
  ]);
  house = await openHouse({
    PROVIDERS: `case=${cases.models}`,
    MODELS: [...names, 'slow-down'].map((name) => `case/${name}`).join(','),
    FETCH_ALLOW: cases.url,
  });
  await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await cases.close();
});

async function ended(name: string): Promise<Job> {
  const { id } = await house.submit({ url: `${cases.url}lighthouse`, model: `case/${name}` });
  return house.jobWhen(id, `${name} is done`, ({ done }) => done);
}

const wordsOf = ({ result }: Job) => (result as ExtractArticleResult).words.map(({ word }) => word);
const notesOf = ({ steps }: Job) => steps.flatMap(({ notes }) => notes).join('\n');

async function eventsOf({ id }: Job): Promise<JobEvent[]> {
  const stream = await openStream(`${house.url}/v1/jobs/${id}/events`);
  await stream.untilClosed();
  return stream.events;
}

async function textOf(job: Job): Promise<string> {
  const deltas = (await eventsOf(job)).filter(({ type }) => type === 'output.delta');
  return deltas.map(({ data }) => data['text'] as string).join('');
}

it('a whole answer without a finish reason is bought once, and the job says how it ended', async () => {
  const job = await ended('p04-no-finish-reason');
  expect(job.status).toBe('succeeded');
  expect(wordsOf(job)).toContain('faro');
  expect(notesOf(job)).toContain('did not say that its answer is complete');
  expect(cases.requests.filter(({ body }) => body.includes('p04-no-finish-reason'))).toHaveLength(1);
});

it('reasoning is nowhere: not in the words, the events or the output; the log has how much it was', async () => {
  const job = await ended('p01-think-tags');
  expect(wordsOf(job)).toContain('faro');
  const events = await eventsOf(job);
  expect(JSON.stringify([job, events])).not.toMatch(/The learner wants|<think>/);
  const thought = events.filter(({ type }) => type === 'output.reasoning');
  expect(thought.every(({ data }) => Number(data['characters']) > 0)).toBe(true);
  expect(events.findIndex(({ type }) => type === 'output.delta')).toBeGreaterThan(
    events.findIndex(({ type }) => type === 'output.reasoning'),
  );
});

it('halves of a character reach those who read the events as one', async () => {
  expect(await textOf(await ended('p22-half-emoji~0.1s'))).toContain('🗼');
});

it.each([
  ['p06-context-error-in-200', 'context-too-long', 'The input has 6210 tokens'],
  ['p09-json-error-with-200', 'provider-address-wrong', 'Unexpected endpoint or method'],
])('%s fails at once, in the words of the provider', async (name, code, sentence) => {
  const { status, failure, steps } = await ended(name);
  expect({ status, failure }).toMatchObject({ status: 'failed', failure: { code, retryable: false } });
  expect(failure?.detail).toContain(sentence);
  expect(steps.find(({ name: step }) => step === 'extract')?.attempt).toBe(1);
});

it('a form of answers that is refused is left for another one within the attempt', async () => {
  const job = await ended('p11-json-schema-unavailable');
  expect(job.status).toBe('succeeded');
  expect(job.steps.find(({ name }) => name === 'extract')?.attempt).toBe(1);
});

it('the bill has the malformed answer and the good one', async () => {
  expect((await ended('p29-bad-then-good')).usage).toMatchObject({ inputTokens: 1800, outputTokens: 420 });
});

it('the delay that a body asks for is waited', async () => {
  await ended('slow-down');
  const times = await house.db
    .selectFrom('model_calls')
    .select(['started_at'])
    .where('model', '=', 'case/slow-down')
    .orderBy('id')
    .execute();
  const [first = NaN, second = NaN] = times.map(({ started_at: at }) => at.getTime());
  expect(second - first).toBeGreaterThanOrEqual(3_400);
});

it('the ledger has what was asked and what answered', async () => {
  const job = await ended('plain');
  expect((job.result as ExtractArticleResult).provider).toBe('case/plain');
  expect(notesOf(job)).toContain('case/plain was asked; its server says that "m" answered.');
  const { body } = await house.ask<{ items: unknown[] }>('GET', `/v1/jobs/${job.id}/calls`);
  expect(body.items).toMatchObject([{ model: 'case/plain', answeredBy: 'm' }]);
});

failOnLeftovers();
