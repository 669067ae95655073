import { afterAll } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { watchTimers } from './open-timers.js';

/** Closing a socket or ending a process takes the event loop a few turns. */
const graceMs = 2_000;
/** However long a machine stands still between two of them. */
const leastLooks = 50;

/** What keeps a process alive, or costs something while it stays: not what Node and Jest hold for themselves. */
const watched = new Set([
  'TCPSocketWrap',
  'TCPServerWrap',
  'PipeWrap',
  'PipeServerWrap',
  'ProcessWrap',
  'UDPWrap',
  'FSEventWrap',
  'StatWatcher',
  'Worker',
  'MessagePort',
]);

/**
 * Call it at the end of a test file, behind the hooks that close things. Hooks run in the order in which they
 * stand. The file fails when it leaves timers, sockets or child processes behind.
 */
export function failOnLeftovers(): void {
  const before = count();
  const timers = watchTimers();
  afterAll(async () => {
    // Node tells of timers that are over a turn later. To say where thousands of them were set takes seconds.
    await pause(20);
    const deadline = performance.now() + graceMs;
    const left = () => [...excess(before), ...timers.origins().map((origin) => `a timer set ${origin}`)];
    const isOver = (looks: number) => looks >= leastLooks && performance.now() > deadline;
    for (let looks = 0; left().length > 0 && !isOver(looks); looks += 1) await pause(20);
    timers.stop();
    if (left().length > 0) throw new Error(`This test file left running: ${left().join(', ')}.`);
  });
}

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (watched.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function excess(before: Map<string, number>): string[] {
  return [...count()].flatMap(([name, now]) => {
    const more = now - (before.get(name) ?? 0);
    return more > 0 ? [`${more} ${name}`] : [];
  });
}
