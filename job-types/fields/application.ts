import { z } from 'zod';
import { Candidate, JobOffer } from './candidate.js';
import { ModelName } from './model-names.js';
import { StorableText } from './storable-text.js';

/** Of what a client applies for; its own name for it. */
export const ApplicationId = StorableText.trim()
  .min(1)
  .max(100)
  .meta({ description: 'Your own id of the application; its documents are kept under it' });

/** How far a text may go beyond the profile that it is made from. */
export const AdaptationLevel = z
  .int()
  .min(1)
  .max(4)
  .default(2)
  .meta({
    description:
      '1 stays true to the profile; 2 words it for the offer, adding no skill; 3 adds plausible skills; ' +
      '4 is a near-perfect match, and may contain what nobody can verify',
  });

/** From which on a text may say what the profile does not. */
export const unverifiableLevel = 4;

/** What every document of an application is written from. */
export const applicationFields = {
  applicationId: ApplicationId,
  candidate: Candidate,
  jobOffer: JobOffer,
  adaptationLevel: AdaptationLevel,
  model: ModelName.optional(),
};

/** One at a time of each kind. */
export const applicationKey = ({ applicationId }: { applicationId: string }): string =>
  `application ${applicationId}`;

/** A few words that tell one application from another. */
export function applicationSubject({
  applicationId,
  jobOffer: { title, company },
}: {
  applicationId: string;
  jobOffer: Pick<JobOffer, 'title' | 'company'>;
}): string {
  const line = (text: string) => text.slice(0, 200).toWellFormed().replace(/\s+/gu, ' ').trim();
  const what = [line(title), line(company)].filter(Boolean).join(', ');
  return what === '' ? `Application ${applicationId}` : `${what} (application ${applicationId})`;
}

/** What both types of job give back. */
export const writtenDocument = {
  documentId: z.string().meta({ description: 'Of the document, at /v1/documents' }),
  version: z.int().meta({ description: 'The version of it that this job has saved' }),
  markdown: z.string(),
  mayBeUnverifiable: z.boolean().meta({
    description: 'It was written at a level at which it may contain what nobody can verify',
  }),
  provider: z
    .string()
    .meta({ description: 'What wrote it: "rules" for a plain template, or provider/model' }),
  notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was written' }),
};
