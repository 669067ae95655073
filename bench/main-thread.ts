import type { Browser } from 'playwright-core';

interface TraceEvent {
  name: string;
  /** X: a piece of work, from its begin to its end. */
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds, of the machine's clock. */
  ts: number;
  dur?: number;
  /** Microseconds of processor time of the thread; absent where the trace began in the middle. */
  tdur?: number;
}

export interface MainThread {
  /** Milliseconds of processor time for each frame: all that was done since the one before. */
  frames: readonly number[];
  /** Milliseconds of processor time of each task, and the time in which the browser itself collected garbage. */
  tasks: readonly { ms: number; collectingMs: number }[];
}

const task = 'ThreadControllerImpl::RunTask';
const frame = 'FireAnimationFrame';
const collection = new Set(['MajorGC', 'MinorGC']);
const msOf = ({ tdur = 0 }: TraceEvent): number => tdur / 1_000;

/** What the page's main thread works while something is done, without the time that other programs take from it. */
export async function watchMainThread(browser: Browser, act: () => Promise<void>): Promise<MainThread> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  const includedCategories = ['toplevel', 'devtools.timeline'];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await act();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return workOf(events);
}

function workOf(events: readonly TraceEvent[]): MainThread {
  // Frames are asked for on the main thread of the page alone.
  const page = events.find(({ name }) => name === frame);
  const pieces = events
    .filter(({ ph, pid, tid }) => ph === 'X' && pid === page?.pid && tid === page.tid)
    .toSorted((a, b) => a.ts - b.ts);
  const frames: number[] = [];
  const tasks: { ms: number; collectingMs: number }[] = [];
  let end = -1;
  let sinceFrame = 0;
  let current = { ms: 0, collectingMs: 0 };
  let hasFrame = false;
  const close = () => {
    sinceFrame += current.ms;
    if (!hasFrame) return;
    frames.push(sinceFrame);
    sinceFrame = 0;
    hasFrame = false;
  };
  for (const piece of pieces) {
    if (piece.name === task && piece.ts >= end) {
      close();
      end = piece.ts + (piece.dur ?? 0);
      current = { ms: msOf(piece), collectingMs: 0 };
      tasks.push(current);
    } else if (piece.name === frame) hasFrame = true;
    else if (collection.has(piece.name)) current.collectingMs += msOf(piece);
  }
  close();
  return { frames, tasks };
}
