import { z } from 'zod';
import { type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import {
  applicationFields,
  applicationKey,
  applicationSubject,
  writtenDocument,
} from './fields/application.js';

const Input = z.strictObject(applicationFields).meta({ id: 'GenerateCvInput' });
const Result = z.object(writtenDocument).meta({ id: 'GenerateCvResult' });

export const generateCv = defineJobType({
  name: 'generateCv',
  title: 'Write a CV for a job offer',
  description: "Writes a CV from a candidate's profile for one job offer, and saves it as a document.",
  input: Input,
  result: Result,
  steps: [
    { name: 'write', title: 'Write the CV' },
    { name: 'save', title: 'Save the document' },
  ],
  subject: applicationSubject,
  concurrencyKey: applicationKey,
  example: {
    applicationId: '42',
    candidate: {
      firstName: 'Inés',
      lastName: 'Álvarez Müller',
      email: 'ines.alvarez@example.org',
      phone: '+34 600 000 000',
      location: 'Valencia',
      experiences: [
        {
          entity: 'Biblioteca Municipal de Valencia',
          position: 'Data librarian',
          dates: '2019-2025',
          description:
            'Moved a catalogue of 400,000 records to a new system without a day of closure. Wrote the checks in Python.',
        },
        {
          entity: 'Archivo del Reino',
          position: 'Archivist',
          dates: '2015-2019',
          description: 'Described 12,000 letters, and trained four colleagues to do so.',
        },
      ],
      education: [
        { entity: 'Universitat de València', degree: 'Master in information science', dates: '2015' },
      ],
      skills: ['Python', 'SQL', 'MARC 21', 'Spanish', 'German'],
      professionalSuccesses: [
        {
          title: 'A migration without a closed door',
          situation: 'The old catalogue could no longer be repaired.',
          task: 'Move it while readers went on using it.',
          action: 'Wrote checks that compared both catalogues every night.',
          result: 'No record was lost, and no reader was turned away.',
        },
      ],
      interests: ['Bookbinding', 'Choir'],
      socialLinks: [{ name: 'Website', url: 'https://ines.example.org/' }],
    },
    jobOffer: {
      title: 'Data engineer for library catalogues',
      company: 'Biblioteka',
      location: 'Berlin',
      contractType: 'permanent',
      remoteType: 'hybrid',
      description:
        'You keep the catalogues of thirty libraries in step. You know SQL and Python, and you have moved data that people use every day.',
      skills: ['Python', 'SQL', 'data quality'],
    },
    adaptationLevel: 2,
  },
});

export type GenerateCvInput = InputOf<typeof generateCv>;
export type GenerateCvResult = ResultOf<typeof generateCv>;
