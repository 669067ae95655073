import type { GenerateCvResult } from '../../../job-types/generate-cv.js';
import { generateCv } from '../../../job-types/generate-cv.js';
import { recordedText } from '../recording.js';
import type { Show } from '../show.js';

/** A text that is written for somebody and saved. */
const document = (type: string, recordingFile: string): Show => ({
  type,
  recordingFile,
  isRecorded: () => true,
  recording: () => recordedText(recordingFile),
  input: () => generateCv.example,
  // The last line may still be growing.
  said: (text) =>
    text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.trim() !== ''),
  lines: 'whole lines',
  asks: 'write',
  report(job, { say }) {
    const { markdown, version, documentId, provider, notes } = job.result as GenerateCvResult;
    say(`\n${markdown}\n`);
    say(`Saved as version ${version} of document ${documentId}; written by ${provider}.`);
    for (const note of notes) say(note);
    say('Each is a file, too: GET /v1/documents/<id>/file?format=docx, or pdf, or markdown.');
  },
  // The scene's library was empty.
  savedOnce: ({ result }) => (result as GenerateCvResult).version === 1,
  saved: 'the document was saved',
});

export const cv = document('generateCv', 'samples/generate-cv.answer.txt');
export const coverLetter = document('generateCoverLetter', 'samples/generate-cover-letter.answer.txt');
