import { createHash } from 'node:crypto';

/**
 * A text as data, between marks that it cannot contain, since they are made from its own hash. What it says is then,
 * by position, never an instruction. That lowers the odds of an injection, and no more: the answer is treated as a
 * stranger's text in any case.
 */
export function marked(name: string, text: string): { mark: string; data: string } {
  const mark = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { mark, data: `<${mark}>\n${text}\n</${mark}>` };
}
