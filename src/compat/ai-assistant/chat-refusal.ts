import { HttpException } from '@nestjs/common';
import { toProblem } from '../../problems/to-problem.js';

/** Why a message is not answered, as a sentence for whoever has typed it. */
export function refusalSentence(error: unknown): string {
  if (error instanceof HttpException) return error.message;
  const { detail, errors = [], code } = toProblem(error).toFailure();
  if (code !== 'validation-failed') return detail;
  return errors.map(({ pointer, detail: what }) => `${theirs(pointer)}: ${what}.`).join(' ');
}

/** What is content to us is a message there. */
const theirs = (pointer: string): string => pointer.slice(1).replace(/^content$/, 'message') || 'The request';
