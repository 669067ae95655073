import { once } from 'node:events';
import { parseArgs, styleText } from 'node:util';
import type { ExtractArticleResult } from '../job-types/extract-article.js';
import type { Job } from '../job-types/job.js';
import { rulesName } from '../job-types/model-names.js';
import { ConfigError, loadConfig } from '../src/config.js';
import { type ApiClient, Refused, createApiClient } from './demo/api.js';
import { type CrashScene, openCrashScene } from './demo/crash.js';
import { watchJob } from './demo/watch-job.js';
import { wordsTable } from './demo/words-table.js';
import { PortTakenError } from './local/ports.js';
import { ensureStack, stopStack } from './local/running-stack.js';
import { StartError } from './local/server-process.js';
import { stackSettings } from './local/settings.js';
import { NoTemporalCliError } from './local/temporal-cli.js';

const usage = `npm run demo                     the bundled article
npm run demo -- <url>            any article; --from and --to name its language and yours
npm run demo -- --crash          kills the worker in the middle of the model's answer
Options: --from Spanish --to French --words 12`;

process.exitCode = await demo();

async function demo(): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments();
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.values.help) {
    say(usage);
    return 0;
  }
  try {
    return await run(options);
  } catch (error) {
    const foreseen = [ConfigError, NoTemporalCliError, PortTakenError, Refused, StartError];
    const known = error instanceof Error && foreseen.some((kind) => error instanceof kind);
    console.error(known ? error.message : error);
    return 1;
  }
}

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      crash: { type: 'boolean', default: false },
      from: { type: 'string', default: 'Spanish' },
      to: { type: 'string', default: 'French' },
      words: { type: 'string', default: '12' },
      help: { type: 'boolean', default: false },
    },
  });
}

async function run({ values, positionals }: ReturnType<typeof readArguments>): Promise<number> {
  const config = loadConfig();
  const settings = stackSettings(config);
  const stack = await ensureStack(settings, say);
  const scene = values.crash ? await openCrashScene(settings, say) : null;
  if (scene) say('The model here is a local stand-in: its "translations" are made up, the crash is real.\n');
  try {
    // The scene's library is its own, and so it has no keys.
    const api = createApiClient(scene?.api ?? stack.api, scene ? undefined : config.API_KEY);
    const submitted = await api.submit('extractArticle', {
      url: positionals[0] ?? `${stack.api}/samples/el-faro.html`,
      sourceLang: values.from,
      targetLang: values.to,
      wordCount: Number(values.words),
    });
    say(`Submitted ${submitted.id}\n`);
    const job = await watched(api, { submitted, scene });
    report(job, scene);
    say(
      `\nThe run in the Temporal UI: ${styleText('cyan', job.links.temporalUi ?? 'set TEMPORAL_UI_URL for a link')}`,
    );
    if (stack.startedHere) await leaveRunning();
    return job.status === 'succeeded' ? 0 : 1;
  } finally {
    await scene?.close();
  }

  async function leaveRunning(): Promise<void> {
    if (!process.stdout.isTTY) {
      say('Longhaul stays up in the background; `npm stop` ends it.');
      return;
    }
    say('Longhaul stays up until Ctrl-C.');
    const waiting = setInterval(() => undefined, 60_000);
    await once(process, 'SIGINT');
    clearInterval(waiting);
    say('Stopping.');
    await stopStack(settings);
  }
}

async function watched(
  api: ApiClient,
  { submitted, scene }: { submitted: Job; scene: CrashScene | null },
): Promise<Job> {
  const [job] = await Promise.all([watchJob(api, submitted), scene?.crash(api, submitted.id)]);
  return job;
}

function report(job: Job, scene: CrashScene | null): void {
  if (job.status !== 'succeeded') {
    say(`\nThe job ended ${job.status}. ${job.failure?.detail ?? ''}`);
    return;
  }
  const result = job.result as ExtractArticleResult;
  say(`\n${result.title ?? result.sourceUrl}\n\n${wordsTable(result.words)}\n`);
  say(`${result.newWords} new words saved, ${result.updatedWords} updated; chosen by ${result.provider}.`);
  if (result.provider === rulesName) {
    say(
      'There are no translations because no model is configured, and the built-in rules invent nothing. Set MODEL ' +
        '(for example openai/gpt-5-mini, with OPENAI_API_KEY; or OPENAI_BASE_URL for a local server) in .env.',
    );
  }
  if (!scene) return;
  const attempt = job.steps.find(({ name }) => name === 'extract')?.attempt;
  const cut = scene.models.calls.filter(({ finished }) => !finished).length;
  // The scene's library was empty: a second save would have found its words there.
  const saves = result.newWords === result.words.length ? 'once' : 'more than once';
  say(
    `The model was asked ${scene.models.calls.length} times (${cut} answer cut off by the crash); ` +
      `attempt ${attempt} succeeded, and the words were saved ${saves}.`,
  );
}

function say(line: string): void {
  console.log(line);
}
