import { material } from './material.js';
import { promptVersion } from './version.js';

const mostWords = 200;

/** The text is a stranger's, and the answer is treated as one, too. */
export function summariseTextPrompt({ text }: { text: string }): { system: string; prompt: string } {
  const { rule, blocks } = material({ document: text });
  return {
    system: [
      'You summarise documents for people who decide by the summary whether to read them.',
      ...rule,
      'You answer with the summary alone, as plain text.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      `Summarise the document in its own language, in at most ${mostWords} words.`,
      'Say what it says, with its names and numbers, and add nothing that does not stand in it.',
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const summariseTextVersion = promptVersion('summarise-text', summariseTextPrompt({ text: '-' }));
