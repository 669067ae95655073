import { again } from '../job-types/contract/make-failure.js';

/** What happened, of the detail of a failure: without what is said of the next try, and without the advice. */
export function sentenceOf(detail: string): string {
  const ends = [again.no, again.yes, 'The step has used up its time']
    .map((said) => detail.indexOf(` ${said}`))
    .filter((at) => at > 0);
  return detail.slice(0, Math.min(...ends, detail.length)).replaceAll(/\s+/g, ' ');
}
