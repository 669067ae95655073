import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SummariseFolderResult, summariseFolder } from '../../../job-types/summarise-folder.js';
import { projectRoot } from '../../local/project.js';
import { type Recording, timed } from '../recording.js';
import type { Show } from '../show.js';

const recordingFile = 'samples/summarise-folder.answers.json';

/** Of the bundled texts, in the order of their paths. */
function summaries(): { first: Recording; rest: Recording[] } {
  const texts = JSON.parse(readFileSync(join(projectRoot, recordingFile), 'utf8')) as string[];
  const [first, ...rest] = texts.map(timed);
  if (!first) throw new Error(`${recordingFile} has no summaries.`);
  return { first, rest };
}

/** The texts of a folder. */
export const folder: Show = {
  type: summariseFolder.name,
  recordingFile,
  isRecorded: () => true,
  recording: () => summaries().first,
  around: () => ({ before: [], after: summaries().rest }),
  // One after the other, so that each text gets its own recorded answer.
  input: () => ({ ...summariseFolder.example, concurrency: 1 }),
  said: (text) => [...text.matchAll(/\S[^]*?[.!?](?=\s|$)/g)].map(([sentence]) => sentence),
  lines: 'whole sentences',
  asks: 'summarise',
  report(job, { say }) {
    const { texts, summarised, failed, provider } = job.result as SummariseFolderResult;
    for (const { title, value } of texts) say(`\n${title}\n${value}`);
    say(`\n${summarised} files were summarised by ${provider}, ${failed} failed.`);
  },
  savedOnce: ({ result }) => (result as SummariseFolderResult).failed === 0,
  saved: 'each file was summarised',
};
