import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import fc from 'fast-check';
import { generateCv } from '../../../job-types/generate-cv.js';
import { currentDocument } from '../../../scripts/client/document.js';
import { projectRoot } from '../../../scripts/local/project.js';
import { answerCheck } from '../../harness/answer-check.js';
import { type Sent, requestsFor } from '../../harness/generated-requests.js';
import { type House, openHouse } from '../../harness/house.js';
import { saveResearch } from '../../harness/stories.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import type { OpenApiDocument } from '../../harness/openapi-document.js';
import { whileBusy } from '../../harness/while-busy.js';

/** Fixes the requests of a run, to see one again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
// An answer may take longer than all of its round should: a round that has seen none is one that failed.
const limits = { seed, numRuns: 25, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false };
/** Times that as many more are drawn for an operation that has accepted none of those before. */
const mostRounds = 20;
/** For all rounds of an operation: less than the test may take, which then says what it has seen. */
const mostMs = 150_000;

const document = (await currentDocument()) as unknown as OpenApiDocument;
const complaint = answerCheck(document);

const operations = Object.entries(document.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      operation,
      name: operation.operationId,
    })),
  )
  // What is deleted is not there for the others.
  .toSorted((one, other) => Number(one.method === 'delete') - Number(other.method === 'delete'));

/** What the schemas cannot say, so that some requests get past the first check. */
const likely: Record<string, string> = {
  fromStep: 'save',
  url: 'http://127.0.0.1:9/',
  sourceLang: 'es',
  targetLang: 'fr',
  source_lang: 'Spanish',
  target_lang: 'French',
  browser: 'firefox',
  model: 'openai/answer',
  type: 'extractArticle',
  code: 'not-found',
  // The first one there is: a job of this test writes it.
  documentId: '1',
  // Words of an article, each deleted by one of the two routes.
  wordId: '1',
  word_id: '2',
  theme: 'el_pais',
  'if-match': '*',
  conversation: 'fuzz',
  subject: 'fuzz',
  chat: 'fuzz',
};

/**
 * An answer needs a job that waits, and with it a worker, which would ask for what the generator makes up. A fork that is
 * drawn hardly ever names a job that has ended and fields that agree. A conversation about a workbook has no file here,
 * since a message would then wait for a worker. A folder that is drawn is not there. A session needs a key, and here there
 * is none. Those that are taken have tests of their own.
 */
const neverAccepted = new Set([
  ...['answerJob', 'forkJob', 'openSession'],
  // Without any key there is none to revoke, and the first one is made by the command.
  ...['createKey', 'revokeKey'],
  ...['uploadToWorkbookChat', 'readWorkbookJob', 'downloadWorkbookFile'],
  ...['runAudioInspection', 'runSummariseFolderService', 'runTranscribeFolderService'],
]);

let house: House;
/** Ids that mean something: an open job, one that succeeded, one that failed. */
let jobIds: string[] = [];

beforeAll(async () => {
  house = await openHouse({
    MODELS: 'openai/wrong-key',
    RATE_LIMIT_SUBMIT: '0',
    RATE_LIMIT_READ: '0',
    RATE_LIMIT_STREAM: '0',
  });
  const worker = await house.startWorker();
  const ended = await Promise.all([
    house.submit(),
    house.submit({ model: 'openai/wrong-key' }),
    house.submitJob('generateCv', generateCv.example),
  ]);
  await Promise.all(ended.map(({ id }) => house.jobWhen(id, 'the job is done', ({ done }) => done)));
  await saveResearch(house, 'fuzz');
  const story = await house.submitJob('createStory', { subject: 'fuzz', player: 'Inés' });
  await house.jobWhen(story.id, 'the story is written', ({ done }) => done, 120_000);
  await worker.stop();
  const reply = await house.submitJob('chatReply', { conversation: 'fuzz', message: 'Hello' });
  await house.ask('POST', '/v1/conversations', { id: 'fuzz' });
  await house.ask('POST', '/api/v1/chat/bot/conversations', { chat_id: 'fuzz' });
  const upload = () => fetch(`${house.url}/v1/files`, { method: 'POST', body: 'a file' });
  const file = await whileBusy(upload, ({ status }) => status);
  likely['fileId'] = ((await file.json()) as { id: string }).id;
  const inputDir = join(projectRoot, 'samples');
  const folders = await Promise.all([
    house.submitJob('summariseFolder', { inputDir }),
    house.submitJob('transcribeFolder', { inputDir }),
  ]);
  jobIds = [...ended, await house.submit(), reply, ...folders].map(({ id }) => id);
});
afterAll(() => house.close());

/** Whether the document has it. What one path has as a word of its own may be the parameter of another. */
const isRoute = (method: string, address: string): boolean =>
  Object.entries(document.paths).some(
    ([path, methods]) =>
      methods[method.toLowerCase()] !== undefined &&
      new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(address),
  );

async function send(method: string, { path, query, headers, body }: Sent) {
  const url = new URL(path, house.url);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const contentType = response.headers.get('content-type');
  // An event stream lasts as long as its job.
  const streams = contentType?.startsWith('text/event-stream');
  if (streams) await response.body?.cancel();
  return { status: response.status, contentType, body: streams ? '' : await response.text() };
}

describe(`the API keeps to its document, whatever is sent (FUZZ_SEED=${seed})`, () => {
  it.each(operations.map((one) => [one.name, one] as const))(
    '%s',
    async (name, { path, method, operation }) => {
      const seen = { accepted: 0 };
      const keepsToIt = fc.asyncProperty(
        requestsFor({ path, operation, document, likely, jobIds }),
        async (request) => {
          const answer = await send(method, request);
          expect(complaint(answer, { path, method, operation })).toBeNull();
          if (answer.status < 300) seen.accepted += 1;
        },
      );
      const rounds = neverAccepted.has(name) ? 1 : mostRounds;
      const end = performance.now() + mostMs;
      for (let round = 0; round < rounds && seen.accepted === 0; round += 1) {
        const leftMs = end - performance.now();
        if (leftMs <= 0) break;
        const interruptAfterTimeLimit = Math.min(limits.interruptAfterTimeLimit, leftMs);
        await fc.assert(keepsToIt, { ...limits, seed: seed + round, interruptAfterTimeLimit });
      }
      expect(seen.accepted > 0 || neverAccepted.has(name)).toBe(true);
    },
  );

  it('other methods on its paths are refused as problems', async () => {
    const others = fc.constantFrom('PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST', 'GET');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(document.paths)), others, async (path, method) => {
        const address = path.replace(/\{\w+\}/, 'x');
        if (isRoute(method, address)) return;
        const answer = await send(method, { path: address, query: [], headers: {} });
        expect(answer.contentType).toMatch(/^application\/problem\+json/);
        expect(answer.status).toBe(404);
      }),
      limits,
    );
  });
});

failOnLeftovers();
