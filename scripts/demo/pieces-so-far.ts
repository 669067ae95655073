import type { Job } from '../../job-types/contract/job.js';
import { wordsSoFar } from './words-so-far.js';

/** What a model has said so far, in pieces that a person can read: words with their translations, or whole sentences. */
export function piecesSoFar({ type, output }: Pick<Job, 'type' | 'output'>): string[] {
  const text = output?.text ?? '';
  if (type === 'chatReply') return [...text.matchAll(/\S[^]*?[.!?](?=\s)/g)].map(([sentence]) => sentence);
  return wordsSoFar(text).map(({ word, translation }) => `${word} → ${translation ?? '-'}`);
}
