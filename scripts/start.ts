import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import { loadConfig } from '../src/config.js';
import { toShow } from './local/foreseen.js';
import { ensureStack, readyRecord } from './local/running-stack.js';
import { stackSettings, type StackSettings } from './local/settings.js';
import { tellRefusal } from './local/refusal.js';
import { Stack } from './local/stack.js';
import { type StackRecord, takeRecord } from './local/stack-record.js';
import { tell as say } from './local/telling.js';

/** One Ctrl-C reaches this process more than once, from the terminal and through npm. */
const sameSignalMs = 500;

// With the terminal closed or the pipe gone there is nobody to tell; the parts still have to be stopped in order.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exit(await start());

async function start(): Promise<number> {
  try {
    const settings = stackSettings(loadConfig());
    if (process.argv.includes('--background')) {
      printAddresses(await ensureStack(settings, { report: say }), 'npm stop');
      return 0;
    }
    for (;;) {
      const record = takeRecord(settings.dataDir);
      if (record) return await runStack(settings, record);
      const running = await readyRecord(settings.dataDir, say);
      if (!running) {
        await pause(Math.random() * 100);
        continue;
      }
      say('Longhaul runs already.');
      printAddresses(running, 'npm stop');
      return 0;
    }
  } catch (error) {
    return failed(error);
  }
}

/** @returns the exit code */
async function failed(error: unknown): Promise<number> {
  const shown = toShow(error);
  console.error(shown);
  if (typeof shown === 'string') await tellRefusal(shown);
  return 1;
}

async function runStack(settings: StackSettings, record: StackRecord): Promise<number> {
  const stack = new Stack(settings, record, say);
  const told = firstSignal(() => {
    stack.kill();
    process.exit(130);
  });
  const started = stack.start().then(() => 'ready' as const);
  try {
    const first = await Promise.race([started, told]);
    if (first === 'ready') {
      printAddresses(settings.addresses, 'Ctrl-C here, or npm stop');
      await told;
    }
    await stack.stop();
    // Interrupted starts fail, and have been told to.
    await started.catch(() => undefined);
    say('Stopped.');
    return 0;
  } catch (error) {
    await stack.stop();
    return failed(error);
  }
}

/** Resolves at the first signal to end; calls back at the next. */
function firstSignal(onSecond: () => void): Promise<'told'> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = () => {
      if (first === undefined) {
        first = performance.now();
        say('Stopping: everything finishes what it is doing. Once more to stop at once.');
        resolve('told');
      } else if (performance.now() - first > sameSignalMs) {
        onSecond();
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

function printAddresses(addresses: NonNullable<StackRecord['addresses']>, howToStop: string): void {
  const lines = [
    ['API', addresses.api],
    ['API docs', `${addresses.api}/docs`],
    ['Temporal UI', addresses.ui ?? 'that of your Temporal server (set TEMPORAL_UI_URL for links)'],
    ['Logs', addresses.logs],
    ['Stop', howToStop],
  ].map(([name, value]) => `  ${String(name).padEnd(12)} ${value}`);
  say(`\n${styleText('bold', 'Longhaul is ready.')}\n\n${lines.join('\n')}\n`);
}
