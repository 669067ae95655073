import { parseArgs } from 'node:util';
import type { ActName } from './acts.js';
import { type ShownType, isShown, recorded, shownTypes } from './recording.js';

export const usage = `npm run demo                     the bundled article; without a model, with a recorded answer
npm run demo -- <url>            any article; --from and --to name its language and yours
npm run demo -- <type>           the example of a job type: ${shownTypes.join(', ')}
npm run demo -- --crash          kills the worker in the middle of the model's answer
npm run demo -- --cancel         cancels the job in the middle of the model's answer
Options: --from ${recorded.from} --to ${recorded.to} --words 12`;

export interface DemoOptions {
  help: boolean;
  act: ActName;
  type: ShownType;
  /** Null: the bundled article. */
  url: string | null;
  /** Names of languages. */
  from: string;
  to: string;
  wordCount: number;
}

/** @throws with a sentence for whoever typed them */
export function demoOptions(): DemoOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      crash: { type: 'boolean', default: false },
      cancel: { type: 'boolean', default: false },
      from: { type: 'string', default: recorded.from },
      to: { type: 'string', default: recorded.to },
      words: { type: 'string', default: '12' },
      help: { type: 'boolean', default: false },
    },
  });
  if (!/^\d+$/.test(values.words)) throw new Error('--words takes a number.');
  if (values.crash && values.cancel) throw new Error('Choose --crash or --cancel.');
  const [what = 'extractArticle'] = positionals;
  const type = isShown(what) ? what : 'extractArticle';
  return {
    help: values.help,
    act: values.crash ? 'crash' : values.cancel ? 'cancel' : 'play',
    type,
    url: what === type ? null : what,
    from: values.from,
    to: values.to,
    wordCount: Number(values.words),
  };
}

/** Whether the recorded answer is one to this question. */
export const isRecorded = ({ type, url, from, to }: DemoOptions): boolean =>
  type !== 'extractArticle' || (url === null && from === recorded.from && to === recorded.to);
