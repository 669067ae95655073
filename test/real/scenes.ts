import { strict as assert } from 'node:assert';
import { folded } from '../../activities/grounding/folded.js';
import type { AskResult } from '../../job-types/ask.js';
import type { Call } from '../../job-types/contract/call.js';
import type { JobEvent } from '../../job-types/contract/event.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import type { House } from '../harness/house.js';

/** Of a job with such a model, on a machine that does other things too. */
const jobMs = 240_000;

const sentences = [
  'The lighthouse on the island was built by fishermen more than a hundred years ago.',
  'Every night the keeper lit the lamp and watched the sea from the highest window.',
  'Ships that returned late recognised the light and entered the harbour without fear.',
  'Today the lighthouse is a small museum where children learn the history of the coast.',
  'Many visitors climb the winding staircase to photograph the sunset over the water.',
];
const article = sentences.join(' ');

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The lighthouse</title></head>
<body><article><h1>The lighthouse</h1>${sentences.map((one) => `<p>${one}</p>`).join('\n')}</article></body></html>`;

const ended = (house: House, { id }: Job): Promise<Job> =>
  house.jobWhen(id, 'the job has ended', ({ status }) => isFinal(status), jobMs);

async function callsOf(house: House, { id }: Job): Promise<Call[]> {
  const { body } = await house.request<{ items: Call[] }>('GET', `/v1/jobs/${id}/calls`);
  return body.items;
}

const speaking = (house: House, { id }: Job): Promise<Job> =>
  house.jobWhen(id, 'the model has begun to answer', ({ output }) => (output?.text?.length ?? 0) > 20, jobMs);

const story = { prompt: 'Tell a long story about a frog.', maxOutputTokens: 400 };

const oneWorker = async <T>(house: House, play: () => Promise<T>): Promise<T> => {
  const worker = await house.startWorker();
  try {
    return await play();
  } finally {
    await worker.stop();
  }
};

/** What is promised whatever a model says. Each tells what it saw. */
export const scenes: Readonly<Record<string, (house: House) => Promise<string>>> = {
  ask: (house) =>
    oneWorker(house, async () => {
      const job = await ended(
        house,
        await house.submitJob('ask', { prompt: 'What is a frog?', maxOutputTokens: 80 }),
      );
      assert.equal(job.status, 'succeeded', JSON.stringify(job.failure));
      const { text } = job.result as AskResult;
      assert.notEqual(text.trim(), '');
      const { body } = await house.request<{ items: JobEvent[] }>('GET', `/v1/jobs/${job.id}/events`);
      const rows = body.items.filter(({ type }) => type === 'output.delta').length;
      const [call] = await callsOf(house, job);
      return `${call?.outputTokens} tokens in ${rows} rows: ${JSON.stringify(text.slice(0, 80))}`;
    }),

  askJson: (house) =>
    oneWorker(house, async () => {
      const schema = {
        type: 'object',
        properties: { name: { type: 'string' }, legs: { type: 'integer' } },
        required: ['name', 'legs'],
        additionalProperties: false,
      };
      const job = await ended(house, await house.submitJob('ask', { prompt: 'Describe a frog.', schema }));
      assert.equal(job.status, 'succeeded', JSON.stringify(job.failure));
      return JSON.stringify((job.result as AskResult).value);
    }),

  extractArticle: (house) =>
    oneWorker(house, async () => {
      house.web.on('/lighthouse', (_, response) =>
        response.setHeader('content-type', 'text/html; charset=utf-8').end(page),
      );
      const input = { url: `${house.web.url}lighthouse`, sourceLang: 'en', targetLang: 'fr', wordCount: 5 };
      const job = await ended(house, await house.submit(input));
      const calls = await callsOf(house, job);
      assert.ok(calls.length <= 3, `${calls.length} calls`);
      const notes = job.steps.flatMap((step) => step.notes);
      const told = `${calls.length} calls, ${calls.map(({ outputTokens }) => outputTokens).join(' + ')} tokens; ${notes.join(' ')}`;
      if (job.status !== 'succeeded') {
        // A model may be too small for the work. What is promised is that this is said, and bounded.
        assert.match(
          job.failure?.code ?? '',
          /^(malformed-answer|answer-too-long)$/,
          JSON.stringify(job.failure),
        );
        return `${job.failure?.detail} ${told}`;
      }
      const { words } = job.result as ExtractArticleResult;
      const text = folded(article);
      for (const { word, examples, translation } of words) {
        assert.ok(text.includes(folded(word)), `"${word}" is not in the article`);
        assert.notEqual(folded(translation ?? ''), folded(word));
        for (const one of examples)
          assert.ok(text.includes(folded(one).replace(/\W+$/u, '')), `"${one}" is not in it`);
      }
      return `${words.map(({ word, translation }) => `${word} (${translation})`).join(', ')}; ${told}`;
    }),

  cancel: (house) =>
    oneWorker(house, async () => {
      const job = await speaking(house, await house.submitJob('ask', story));
      const at = performance.now();
      await house.request('POST', `/v1/jobs/${job.id}/cancel`, {});
      const { status, output } = await ended(house, job);
      assert.equal(status, 'cancelled');
      assert.ok(output?.text, 'the text so far is kept');
      return `within ${Math.round(performance.now() - at)} ms, ${output.text.length} characters kept`;
    }),

  workerDeath: async (house) => {
    const first = await house.startWorker();
    const job = await speaking(house, await house.submitJob('ask', { ...story, maxOutputTokens: 120 }));
    await first.kill();
    return oneWorker(house, async () => {
      const { status, failure } = await ended(house, job);
      assert.equal(status, 'succeeded', JSON.stringify(failure));
      const outcomes = (await callsOf(house, job)).map(({ outcome }) => outcome);
      assert.deepEqual(new Set(outcomes), new Set(['answered', 'lost']));
      assert.equal(outcomes.length, 2);
      return outcomes.join(', ');
    });
  },
};
