import { createHash } from 'node:crypto';

/**
 * What the ledger calls a prompt: its name and a hash of its fixed text. Answers can then be told apart by the prompt
 * that brought them about.
 * @param fixed all that the prompt is made of beside its input: built from an input that never changes, or a schema
 */
export const promptVersion = (name: string, fixed: unknown): string =>
  `${name}@${createHash('sha256').update(JSON.stringify(fixed)).digest('hex').slice(0, 8)}`;
