import { Problem } from '../../problems/problems.js';

/** What the fields of our job types are called on the page. */
const fields: Readonly<Record<string, string>> = {
  url: 'address',
  browser: 'browser',
  sourceLang: 'source language',
  targetLang: 'target language',
  wordCount: 'number of words',
  prompt: 'wish',
  theme: 'theme',
  words: 'words',
};

const mostTold = 3;

/** Whether it is about what was asked for, and not about when or by whom. */
export const isRefusal = (error: unknown): error is Problem =>
  error instanceof Problem && error.toFailure().status === 422;

/** Why a job was refused, in a sentence for the person. Its page shows a list of faults as "[object Object]". */
export function sentenceOf(problem: Problem): string {
  const { errors = [], detail } = problem.toFailure();
  if (problem.code !== 'validation-failed' || errors.length === 0) return detail;
  return errors
    .slice(0, mostTold)
    .map((error) => {
      const [, , field = '', index] = error.pointer.split('/');
      const which = index === undefined ? '' : ` (number ${Number(index) + 1})`;
      return `The ${fields[field] ?? 'request'}${which} cannot be used: ${error.detail.replace(/\.$/, '')}.`;
    })
    .join(' ');
}
