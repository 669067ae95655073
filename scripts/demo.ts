import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Job } from '../job-types/contract/job.js';
import { type Config, loadConfig } from '../src/config.js';
import { actNamed, announcement } from './demo/acts.js';
import { type ApiClient, Refused, createApiClient } from './demo/api.js';
import { Interrupted, interruption, thrownBy } from './demo/interruption.js';
import { type DemoOptions, demoOptions, usage } from './demo/options.js';
import { report } from './demo/report.js';
import { type Scene, openScene } from './demo/scene.js';
import { Watch, watchJob } from './demo/watch-job.js';
import { toShow } from './local/foreseen.js';
import { type EnsuredStack, ensureStack, stopStack } from './local/running-stack.js';
import { type StackSettings, stackSettings } from './local/settings.js';
import { tell as say } from './local/telling.js';

// With the terminal closed there is nobody to tell; what was started still has to be ended.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exit(await demo());

async function demo(): Promise<number> {
  let options: DemoOptions;
  try {
    options = demoOptions();
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
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

async function run(options: DemoOptions): Promise<number> {
  const config = loadConfig();
  const settings = stackSettings(config);
  const interrupted = interruption();
  const inScene = needsScene(options, config);
  if (inScene) say(announcement(options.act, isRecorded(options) ? options.show.recordingFile : null));
  const stack = await ensureStack(settings, { report: say, signal: interrupted });
  try {
    const job = await play(options, { config, settings, stack, interrupted, inScene });
    if (stack.startedHere) await leaveRunning(interrupted);
    return job.status === actNamed(options.act).ends ? 0 : 1;
  } finally {
    if (stack.startedHere && interrupted.aborted) {
      say('\nStopping.');
      await stopStack(settings);
    }
  }
}

function isRecorded(options: DemoOptions): boolean {
  return options.show.isRecorded(options);
}

/** Where no real model is asked. */
function needsScene(options: DemoOptions, { MODEL, MODELS }: Config): boolean {
  return options.act !== 'play' || (isRecorded(options) && MODEL === undefined && MODELS.length === 0);
}

interface Stage {
  config: Config;
  settings: StackSettings;
  stack: EnsuredStack;
  interrupted: AbortSignal;
  inScene: boolean;
}

/** One job, from its submit to its result. @throws {Interrupted} */
async function play(
  options: DemoOptions,
  { config, settings, stack, interrupted, inScene }: Stage,
): Promise<Job> {
  const scene = inScene ? await openSceneFor(options, settings) : null;
  // The scene's library is its own, and so it has no keys.
  const api = createApiClient(scene?.api ?? stack.api, scene ? undefined : config.API_KEY);
  let submitted: Job | undefined;
  try {
    interrupted.throwIfAborted();
    await prepare(options, { api, stack, interrupted });
    submitted = await api.submit(options.show.type, options.show.input(options, stack.api));
    say(`Submitted ${submitted.id}\n`);
    const watch = new Watch(api, options.show, submitted);
    const { id: jobId } = submitted;
    const { act, show } = options;
    const stage = { api, jobId, show, tell: (line: string) => watch.tell(line) };
    const performed = scene && actNamed(act).perform({ ...stage, scene });
    const [job] = await Promise.race([Promise.all([watchJob(watch), performed]), thrownBy(interrupted)]);
    report(job, { act, show, scene, width: terminalWidth(), say });
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

/** What the job that is shown works from. @throws {Interrupted} */
async function prepare(
  options: DemoOptions,
  { api, stack, interrupted }: Pick<Stage, 'stack' | 'interrupted'> & { api: ApiClient },
): Promise<void> {
  const { first } = options.show;
  if (!first) return;
  let job = await api.submit(first.type, first.input(options, stack.api));
  say(`Submitted ${job.id}, of the type ${first.type}, which it works from`);
  while (!job.done) {
    await pause(250, undefined, { signal: interrupted });
    job = await api.job(job.id);
  }
  if (job.status !== 'succeeded')
    throw new Refused(`That job ended ${job.status}. ${job.failure?.detail ?? ''}`);
}

async function openSceneFor(options: DemoOptions, settings: StackSettings): Promise<Scene> {
  const isPlayed = isRecorded(options);
  const scene = await openScene(settings, { model: isPlayed ? 'recorded-answer' : 'stand-in' });
  const { text, durationMs } = options.show.recording(options);
  const { before, after } = options.show.around?.() ?? { before: [], after: [] };
  for (const answer of [...before, ...actNamed(options.act).answers({ text, durationMs }), ...after]) {
    scene.models.next('slow', isPlayed ? answer : { durationMs: answer.durationMs });
  }
  return scene;
}

/** A pipe has no width: that of a usual window, or what the shell says. */
function terminalWidth(): number {
  return process.stdout.columns || Number(process.env['COLUMNS']) || 100;
}

async function leaveRunning(interrupted: AbortSignal): Promise<void> {
  if (!process.stdout.isTTY) {
    say('Longhaul stays up in the background; `npm stop` ends it.');
    return;
  }
  say('Longhaul stays up until Ctrl-C.');
  const waiting = setInterval(() => undefined, 60_000);
  // The interruption is what is waited for, and is no fault.
  await thrownBy(interrupted).catch(() => undefined);
  clearInterval(waiting);
}
