import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** Whether the person says yes. An input that ends says no. */
export async function confirm(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const ended = once(asking, 'close').then(() => '');
  const answer = await Promise.race([asking.question(`${question} [y/N] `), ended]);
  asking.close();
  return /^\s*y(es)?\s*$/i.test(answer);
}
