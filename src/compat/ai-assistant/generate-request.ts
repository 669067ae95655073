import { z } from 'zod';
import type { Candidate, JobOffer } from '../../../job-types/fields/candidate.js';
import { listOf, requiredText, text, wholeNumber } from '../lenient.js';
import { LlmConfig } from './llm-config.js';

const TheirCandidate = z
  .object({
    first_name: text,
    last_name: text,
    email: text,
    phone: text,
    location: text,
    experiences: listOf(z.object({ entity: text, position: text, dates: text, description: text })),
    education: listOf(z.object({ entity: text, degree: text, dates: text })),
    skills: listOf(requiredText),
    professional_successes: listOf(
      z.object({ title: text, situation: text, task: text, action: text, result: text }),
    ),
    interests: listOf(requiredText),
    social_links: listOf(z.object({ name: text, url: text })),
  })
  .meta({ id: 'AssistantCandidate' });

const TheirOffer = z
  .object({
    title: requiredText,
    company: text,
    location: text,
    contract_type: text,
    remote_type: text,
    description: text,
    skills: listOf(requiredText),
  })
  .meta({ id: 'AssistantJobOffer' });

const usualLevel = 2;

const application = {
  application_id: wholeNumber,
  candidate: TheirCandidate,
  job_offer: TheirOffer,
  llm_config: LlmConfig,
};

export const GenerateCvRequest = z
  .object({
    ...application,
    adaptation_level: wholeNumber.nullish().meta({ description: '1 to 4; anything else counts as 2' }),
  })
  .meta({ id: 'GenerateCvTaskRequest' });
export type GenerateCvRequest = z.output<typeof GenerateCvRequest>;

export const GenerateCoverLetterRequest = z
  .object({ ...application, custom_cv: text })
  .meta({ id: 'GenerateCoverLetterTaskRequest' });
export type GenerateCoverLetterRequest = z.output<typeof GenerateCoverLetterRequest>;

/** A level that there is; what that system does not know counts as the usual one. */
export const levelOf = (given: number | null | undefined): number =>
  given !== null && given !== undefined && [1, 2, 3, 4].includes(given) ? given : usualLevel;

export const toCandidate = (theirs: z.output<typeof TheirCandidate>): Candidate => ({
  firstName: theirs.first_name,
  lastName: theirs.last_name,
  email: theirs.email,
  phone: theirs.phone,
  location: theirs.location,
  experiences: theirs.experiences,
  education: theirs.education,
  skills: theirs.skills,
  professionalSuccesses: theirs.professional_successes,
  interests: theirs.interests,
  socialLinks: theirs.social_links,
});

export const toJobOffer = (theirs: z.output<typeof TheirOffer>): JobOffer => ({
  title: theirs.title,
  company: theirs.company,
  location: theirs.location,
  contractType: theirs.contract_type,
  remoteType: theirs.remote_type,
  description: theirs.description,
  skills: theirs.skills,
});
