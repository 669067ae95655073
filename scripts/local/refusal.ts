import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Why a process does not start, in a sentence it has told over its channel. */
export interface Refusal {
  /** Undefined when it has told none. Call it when the process has ended: what it told last may still be on its way. */
  heard(): Promise<string | undefined>;
}

export function listenForRefusal(child: ChildProcess): Refusal {
  let sentence: string | undefined;
  child.on('message', (message) => {
    if (typeof message === 'object' && 'refusal' in message && typeof message.refusal === 'string') {
      sentence = message.refusal;
    }
  });
  return {
    async heard() {
      if (child.connected) await once(child, 'disconnect');
      return sentence;
    },
  };
}

/** Tells the process that has started this one, if it listens, why this one ends. */
export function tellRefusal(sentence: string): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send({ refusal: sentence }, undefined, undefined, () => resolve());
  });
}
