import { mentionsIn } from './mentioned.js';

/** From a column to the name that a message gives it: "rename mail to email and tel as phone". */
export function renamesIn(message: string, columns: readonly string[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const { column, to } of mentionsIn(message, columns)) {
    const behind =
      /^["'`\s]*(?:to|as|into|->|=>|→|=)\s*(?:["'“`]([^"'”`]{1,255})["'”`]|([\p{L}\p{N}_][\p{L}\p{N}_.-]*))/u;
    const found = behind.exec(message.slice(to));
    const name = (found?.[1] ?? found?.[2] ?? '').replace(/[.,]$/, '').trim();
    if (name !== '' && !renames.has(column)) renames.set(column, name);
  }
  return renames;
}
