import type { System } from '../../job-types/contract/system.js';

/** What follows for jobs when a part is down. */
const consequences = {
  api: 'The API is down.',
  database:
    'The database is down: jobs that are over can neither be read nor saved, and those that run wait to save.',
  temporal: 'Temporal is down: nothing can be submitted, and jobs go on when it is back.',
  workers: 'No worker asks for work: jobs are taken, and wait until one is there.',
} as const;

/** One sentence for the whole, and whether it is a good one. */
export function verdict({ parts, providers }: System): { good: boolean; sentence: string } {
  const down = parts.filter(({ state }) => state === 'down');
  if (down.length > 0) return { good: false, sentence: down.map(({ name }) => consequences[name]).join(' ') };
  const failing = providers.filter(({ state }) => state === 'down').map(({ name }) => name);
  if (failing.length > 0) {
    return {
      good: false,
      sentence: `Everything is up, but the last call of ${failing.join(' and ')} failed.`,
    };
  }
  return { good: true, sentence: 'Everything is up.' };
}
