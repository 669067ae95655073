import { z } from 'zod';
import { type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import {
  applicationFields,
  applicationKey,
  applicationSubject,
  writtenDocument,
} from './fields/application.js';
import { StorableText } from './fields/storable-text.js';
import { generateCv } from './generate-cv.js';

const Input = z
  .strictObject({
    ...applicationFields,
    cv: StorableText.max(4_000_000)
      .default('')
      .meta({ description: 'The CV that goes with it, which it then agrees with' }),
  })
  .meta({ id: 'GenerateCoverLetterInput' });
const Result = z.object(writtenDocument).meta({ id: 'GenerateCoverLetterResult' });

export const generateCoverLetter = defineJobType({
  name: 'generateCoverLetter',
  title: 'Write a cover letter for a job offer',
  description: "Writes a cover letter from a candidate's profile for one job offer, and saves it.",
  input: Input,
  result: Result,
  steps: [
    { name: 'write', title: 'Write the letter' },
    { name: 'save', title: 'Save the document' },
  ],
  subject: applicationSubject,
  concurrencyKey: applicationKey,
  example: generateCv.example,
});

export type GenerateCoverLetterInput = InputOf<typeof generateCoverLetter>;
export type GenerateCoverLetterResult = ResultOf<typeof generateCoverLetter>;
