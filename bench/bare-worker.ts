import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { cancellationSignal } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { groundedWords } from '../activities/grounding/grounded-words.js';
import { chooseWordsAnswer, chooseWordsPrompt } from '../activities/prompts/choose-words.js';
import { createArticleReader } from '../activities/providers/article/article-reader.js';
import { createModels } from '../activities/providers/model.js';
import { createWebFetcher } from '../activities/providers/web.js';
import type { Word } from '../job-types/fields/word.js';
import { loadConfig } from '../src/config.js';
import { openDatabase } from '../store/database.js';
import { upsertWords } from '../store/words.js';
import type { SameInput } from './bare-workflow.js';

export const emptyActivities = {
  first: (): Promise<void> => Promise.resolve(),
  second: (): Promise<void> => Promise.resolve(),
  third: (): Promise<void> => Promise.resolve(),
};

/** The work of our steps by our own functions, and nothing of the frame around it. */
export function sameActivities() {
  const config = loadConfig();
  const web = createWebFetcher({ allow: config.FETCH_ALLOW, cookieJars: new Map() });
  const reader = createArticleReader();
  const models = createModels(config);
  const db = openDatabase(config.DATABASE_URL ?? '', {
    name: 'bare-worker',
    maxConnections: 20,
    onConnectionLost: (error) => process.stderr.write(`${error.message}\n`),
  });
  return {
    async fetchPage({ url }: SameInput): Promise<string> {
      const signal = cancellationSignal();
      const page = await web.fetchPage(url, { signal });
      return (await reader.readArticle(page.body, page.url, { signal })).text;
    },

    async chooseWords({ text, ...asked }: SameInput & { text: string }): Promise<Word[]> {
      const { value } = await models.ask({
        model: models.default,
        ...chooseWordsPrompt({ ...asked, text }),
        ...chooseWordsAnswer(asked.wordCount),
        signal: cancellationSignal(),
      });
      return (await groundedWords(value, { ...asked, text })).words;
    },

    async saveWords({ sourceLang, targetLang, url, words }: SameInput & { words: Word[] }): Promise<number> {
      const of = { owner: 'bare', sourceLang, targetLang, theme: 'el_pais', sourceUrl: url };
      const batch = { ...of, words, jobId: randomUUID() };
      const saved = await db.transaction().execute((trx) => upsertWords(trx, batch));
      return saved.newWords + saved.updatedWords;
    },
  };
}

if (import.meta.filename === process.argv[1]) await run();

/** A worker of the SDK and nothing else, with the SDK's own settings. It ends with the process that started it. */
async function run(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  const worker = await Worker.create({
    connection,
    taskQueue: process.env['TEMPORAL_TASK_QUEUE'] ?? '',
    workflowsPath: fileURLToPath(new URL('bare-workflow.js', import.meta.url)),
    activities: { ...emptyActivities, ...sameActivities() },
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const running = worker.run();
  process.send?.({ ready: true });
  await running;
  await connection.close();
  // The article reader's thread and the database's connections end with the process.
  process.exit();
}
