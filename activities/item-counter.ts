import type { AskedList } from './providers/answer-form.js';
import { JsonItems } from './providers/json-items.js';
import type { Step } from './frame/step.js';

/** How often a person who watches is told how far the answer is. */
const tellEveryMs = 1000;

export interface ItemCounter {
  /** @param message what the step does, without how much of it */
  begin(message: string): void;
  add(delta: string): void;
  /** What was added so far was no part of the answer. */
  restart(): void;
}

/** Tells how many items of a list there are, while it is still being written. Of what is no list it only tells the beginning. */
export function itemCounter(step: Step, list: AskedList | undefined): ItemCounter {
  if (list === undefined) {
    return {
      begin: (message) => step.progress({ message }),
      add: () => undefined,
      restart: () => undefined,
    };
  }
  const { name, asked: total } = list;
  let json = new JsonItems();
  let told = 0;
  let toldAt = performance.now();
  return {
    begin: (message) => step.progress({ message: `${message} for ${total} ${name}`, done: 0, total }),
    add(delta) {
      json.add(delta);
      const done = Math.min(json.items, total);
      if (done === told || performance.now() - toldAt < tellEveryMs) return;
      [told, toldAt] = [done, performance.now()];
      step.progress({ message: `${done} ${name} so far`, done, total });
    },
    restart: () => void (json = new JsonItems()),
  };
}
