import { toProblem } from '../../problems/to-problem.js';
import { RefusedConfig } from './chat-model.js';

/** Why a message is not answered, as a sentence for whoever has typed it. */
export function refusalSentence(error: unknown): string {
  if (error instanceof RefusedConfig) return error.message;
  const { detail, errors = [], code } = toProblem(error).toFailure();
  if (code !== 'validation-failed') return detail;
  return errors
    .map(({ pointer, detail: what }) => `${pointer.slice(1) || 'The request'}: ${what}.`)
    .join(' ');
}
