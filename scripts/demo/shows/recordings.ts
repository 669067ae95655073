import { type TranscribeFolderResult, transcribeFolder } from '../../../job-types/transcribe-folder.js';
import { recordedText } from '../recording.js';
import type { Show } from '../show.js';

const recordingFile = 'samples/recordings/fog-horn.txt';

/** The bundled recordings. Without a transcriber their transcripts are taken, so that nothing is played. */
export const recordings: Show = {
  type: transcribeFolder.name,
  recordingFile,
  isRecorded: () => false,
  recording: () => recordedText(recordingFile),
  input: () => transcribeFolder.example,
  said: (text) => text.split('\n').filter((line) => line !== ''),
  lines: 'lines',
  asks: 'transcribe',
  report(job, { say }) {
    const { texts, transcribed, failed, provider, notes } = job.result as TranscribeFolderResult;
    for (const { title, value, subtitle } of texts) {
      say(`\n${title}${subtitle === null ? '' : ` (${subtitle})`}\n${value}`);
    }
    say(`\n${transcribed} recordings have a text, ${failed} failed; by ${provider}.`);
    for (const note of notes) say(note);
  },
  savedOnce: ({ result }) => (result as TranscribeFolderResult).failed === 0,
  saved: 'each recording has a text',
};
