import { z } from 'zod';
import { longestFile } from './said.js';
import { StorableText } from './storable-text.js';

const mostEntries = 2_000;

/** What is not known is empty. */
const text = StorableText.max(longestFile).default('');
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(mostEntries).default([]);
const texts = listOf(StorableText.max(longestFile));

export const Candidate = z
  .strictObject({
    firstName: text,
    lastName: text,
    email: text,
    phone: text,
    location: text,
    experiences: listOf(z.strictObject({ entity: text, position: text, dates: text, description: text })),
    education: listOf(z.strictObject({ entity: text, degree: text, dates: text })),
    skills: texts,
    professionalSuccesses: listOf(
      z.strictObject({ title: text, situation: text, task: text, action: text, result: text }),
    ),
    interests: texts,
    socialLinks: listOf(z.strictObject({ name: text, url: text })),
  })
  .meta({ id: 'Candidate', description: 'Who applies; whatever is not known may be left out' });
export type Candidate = z.infer<typeof Candidate>;

export const JobOffer = z
  .strictObject({
    title: text,
    company: text,
    location: text,
    contractType: text,
    remoteType: text,
    description: text,
    skills: texts,
  })
  .meta({ id: 'JobOffer', description: 'What the candidate applies for' });
export type JobOffer = z.infer<typeof JobOffer>;
