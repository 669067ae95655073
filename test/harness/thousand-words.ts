import type { Job } from '../../job-types/contract/job.js';
import type { Word } from '../../job-types/fields/word.js';
import type { Answer, House } from './house.js';

/** About 200 kB of them. */
export const thousand: readonly Word[] = Array.from({ length: 1000 }, (_, n) => ({
  word: `palabra${n}`,
  lemma: `palabra${n}`,
  partOfSpeech: 'noun',
  gender: 'feminine',
  translation: `the ${n}th word`,
  examples: [`Una frase bastante larga con la palabra${n} en medio de ella.`],
}));

/** A job that waits for the review of a thousand words. */
export async function waitingWithThousand(house: House, targetLang: string): Promise<Job> {
  house.models.next('instant', { text: JSON.stringify({ words: thousand }) });
  const { id } = await house.submit({ review: true, wordCount: 1000, targetLang });
  return house.jobWhen(id, 'the job waits', ({ waitingFor }) => Boolean(waitingFor[0]?.data));
}

export const review = <T = Job>(house: House, { id }: Job, words: readonly Word[]): Promise<Answer<T>> =>
  house.request<T>('POST', `/v1/jobs/${id}/input`, { name: 'review', value: { words } });
