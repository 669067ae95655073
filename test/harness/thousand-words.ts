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
  examples: [`Frase larga con la palabra${n} en medio de ella.`],
}));

/** An article that says all the examples, each word in one of them. */
const thousandPage = (): string => {
  const said = thousand.flatMap(({ examples }) => examples);
  const paragraphs = Array.from(
    { length: 50 },
    (_, n) => `<p>${said.slice(n * 20, n * 20 + 20).join(' ')}</p>`,
  );
  return `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Mil palabras</title></head>
<body><article><h1>Mil palabras</h1>${paragraphs.join('\n')}</article></body></html>`;
};

/** A job that waits for the review of a thousand words. */
export async function waitingWithThousand(house: House, targetLang: string): Promise<Job> {
  house.web.on('/thousand', (_, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end(thousandPage()),
  );
  house.models.next('instant', { text: JSON.stringify({ words: thousand }) });
  const url = `${house.web.url}thousand`;
  const { id } = await house.submit({ url, review: true, wordCount: 1000, targetLang });
  return house.jobWhen(id, 'the job waits', ({ waitingFor }) => Boolean(waitingFor[0]?.data));
}

/** As `review`, until a worker is in time to take it. */
export const reviewed = <T = Job>(house: House, { id }: Job, words: readonly Word[]): Promise<Answer<T>> =>
  house.ask<T>('POST', `/v1/jobs/${id}/input`, { name: 'review', value: { words } });

export const review = <T = Job>(house: House, { id }: Job, words: readonly Word[]): Promise<Answer<T>> =>
  house.request<T>('POST', `/v1/jobs/${id}/input`, { name: 'review', value: { words } });
