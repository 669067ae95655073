import { parseArgs, styleText } from 'node:util';
import type { Job } from '../job-types/contract/job.js';
import { type Config, loadConfig } from '../src/config.js';
import { type ApiClient, Refused, createApiClient } from './demo/api.js';
import { type CrashScene, openCrashScene } from './demo/crash.js';
import { Interrupted, interruption, thrownBy } from './demo/interruption.js';
import { report } from './demo/report.js';
import { watchJob } from './demo/watch-job.js';
import { toShow } from './local/foreseen.js';
import { type EnsuredStack, ensureStack, stopStack } from './local/running-stack.js';
import { type StackSettings, stackSettings } from './local/settings.js';

const usage = `npm run demo                     the bundled article
npm run demo -- <url>            any article; --from and --to name its language and yours
npm run demo -- --crash          kills the worker in the middle of the model's answer
Options: --from Spanish --to French --words 12`;

// With the terminal closed there is nobody to tell; what was started still has to be ended.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exit(await demo());

async function demo(): Promise<number> {
  let options: Options;
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
    if (error instanceof Interrupted) return 130;
    console.error(error instanceof Refused ? error.message : toShow(error));
    return 1;
  }
}

function readArguments() {
  const given = parseArgs({
    allowPositionals: true,
    options: {
      crash: { type: 'boolean', default: false },
      from: { type: 'string', default: 'Spanish' },
      to: { type: 'string', default: 'French' },
      words: { type: 'string', default: '12' },
      help: { type: 'boolean', default: false },
    },
  });
  if (!/^\d+$/.test(given.values.words)) throw new Error('--words takes a number.');
  return given;
}

type Options = ReturnType<typeof readArguments>;

async function run(options: Options): Promise<number> {
  const config = loadConfig();
  const settings = stackSettings(config);
  const interrupted = interruption();
  const stack = await ensureStack(settings, { report: say, signal: interrupted });
  try {
    const job = await show(options, { config, settings, stack, interrupted });
    if (stack.startedHere) await leaveRunning(interrupted);
    return job.status === 'succeeded' ? 0 : 1;
  } finally {
    if (stack.startedHere && interrupted.aborted) {
      say('\nStopping.');
      await stopStack(settings);
    }
  }
}

interface Stage {
  config: Config;
  settings: StackSettings;
  stack: EnsuredStack;
  interrupted: AbortSignal;
}

/** One job, from its submit to its result. @throws {Interrupted} */
async function show(
  { values, positionals }: Options,
  { config, settings, stack, interrupted }: Stage,
): Promise<Job> {
  const scene = values.crash ? await openCrashScene(settings, say) : null;
  if (scene) say('The model here is a local stand-in: its "translations" are made up, the crash is real.\n');
  // The scene's library is its own, and so it has no keys.
  const api = createApiClient(scene?.api ?? stack.api, scene ? undefined : config.API_KEY);
  let submitted: Job | undefined;
  try {
    interrupted.throwIfAborted();
    submitted = await api.submit('extractArticle', {
      url: positionals[0] ?? `${stack.api}/samples/el-faro.html`,
      sourceLang: values.from,
      targetLang: values.to,
      wordCount: Number(values.words),
    });
    say(`Submitted ${submitted.id}\n`);
    const job = await Promise.race([watched(api, { submitted, scene }), thrownBy(interrupted)]);
    report(job, { scene, say });
    const link = job.links.temporalUi ?? 'set TEMPORAL_UI_URL for a link';
    say(`\nThe run in the Temporal UI: ${styleText('cyan', link)}`);
    return job;
  } finally {
    // Nothing else would ever work on it once the scene's own worker has gone.
    try {
      if (scene && submitted && interrupted.aborted) await api.end(submitted.id, 'Interrupted.');
    } finally {
      await scene?.close();
    }
  }
}

async function leaveRunning(interrupted: AbortSignal): Promise<void> {
  if (!process.stdout.isTTY) {
    say('Longhaul stays up in the background; `npm stop` ends it.');
    return;
  }
  say('Longhaul stays up until Ctrl-C.');
  const waiting = setInterval(() => undefined, 60_000);
  await thrownBy(interrupted).catch(() => undefined);
  clearInterval(waiting);
}

async function watched(
  api: ApiClient,
  { submitted, scene }: { submitted: Job; scene: CrashScene | null },
): Promise<Job> {
  const [job] = await Promise.all([watchJob(api, submitted), scene?.crash(api, submitted.id)]);
  return job;
}

function say(line: string): void {
  console.log(line);
}
