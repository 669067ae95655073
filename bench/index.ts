import { NoTemporalCliError } from '../scripts/local/temporal-cli.js';
import { StartError } from '../scripts/local/server-process.js';
import { calibrate } from './calibrate.js';
import { machine } from './machine.js';
import type { Measure } from './measure.js';
import { printed, writePage } from './report.js';
import { type Rig, openRig } from './rig.js';
import { burst } from './scenes/burst.js';
import { cancel } from './scenes/cancel.js';
import { chats } from './scenes/chats.js';
import { folders } from './scenes/folders.js';
import { finished } from './scenes/finished.js';
import { keeping } from './scenes/keeping.js';
import { memory } from './scenes/memory.js';
import { kept } from './scenes/kept.js';
import { lost } from './scenes/lost.js';
import { replays } from './scenes/replays.js';
import { start } from './scenes/start.js';
import { status } from './scenes/status.js';
import { streams } from './scenes/streams.js';
import { submit } from './scenes/submit.js';
import { throughput } from './scenes/throughput.js';
import { uploads } from './scenes/uploads.js';
import { watching } from './scenes/watching.js';

const scenes: Readonly<Record<string, (rig: Rig) => Promise<Measure[]>>> = {
  start,
  submit,
  burst,
  replays,
  throughput,
  status,
  finished,
  memory,
  kept,
  cancel,
  keeping,
  lost,
  watching,
  streams,
  chats,
  folders,
  uploads,
};

const usage = `npm run bench                      everything, and the table in docs/performance.md
npm run bench -- submit status     only these; writes nothing
Scenes: ${Object.keys(scenes).join(', ')}`;

process.exitCode = await bench(process.argv.slice(2));

/** Informs and does not judge: the exit code tells only whether it could measure, not whether the goals were met. */
async function bench(names: string[]): Promise<number> {
  if (names.some((name) => !Object.hasOwn(scenes, name))) {
    console.log(usage);
    return 2;
  }
  try {
    await measure(names);
    return 0;
  } catch (error) {
    const foreseen = error instanceof StartError || error instanceof NoTemporalCliError;
    console.error(foreseen ? error.message : error);
    return 1;
  }
}

async function measure(names: string[]): Promise<void> {
  const began = performance.now();
  console.log('Starting PostgreSQL, Temporal, the API and two workers for the benchmark.');
  const rig = await openRig(console.log);
  try {
    const { noise, figures } = await calibrate(rig);
    if (noise.length > 0) console.log(`This machine is busy: ${noise.join(', ')}. Trust only the ratios.`);
    const measures: Measure[] = [];
    for (const [name, scene] of Object.entries(scenes)) {
      if (names.length > 0 && !names.includes(name)) continue;
      const started = performance.now();
      const found = await scene(rig);
      const seconds = Math.round((performance.now() - started) / 1_000);
      console.log(`\n${name} (${seconds} s)\n${found.map(printed).join('\n')}`);
      measures.push(...found);
    }
    const minutes = ((performance.now() - began) / 60_000).toFixed(1);
    const circumstances = [
      `${new Date().toISOString().slice(0, 10)}, ${minutes} minutes`,
      ...machine(rig),
      `calibration: ${figures.join(', ')}`,
      noise.length > 0 ? `**noisy**: ${noise.join(', ')}` : 'quiet: the calibration held still',
    ];
    console.log(`\n${circumstances.join('\n')}`);
    if (names.length > 0) return;
    await writePage({ measures, circumstances });
    console.log(
      '\nWritten to docs/performance.md. The exit code is 0 whatever the figures: a benchmark informs.',
    );
  } finally {
    await rig.close();
  }
}
