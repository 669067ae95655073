import { createHash } from 'node:crypto';

export interface Data {
  /** What stands around it, for the prompt to name. */
  mark: string;
  /** The text between its marks. */
  block: string;
}

/**
 * A stranger's text as data. Its marks are made from its own hash, so that it cannot contain them: what it says is, by
 * position, never an instruction. That lowers the odds of an injection, and no more. The answer is a stranger's text in
 * any case.
 */
export function asData(name: string, text: string): Data {
  const mark = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { mark, block: `<${mark}>\n${text}\n</${mark}>` };
}
