import type { Candidate, JobOffer } from '../../job-types/fields/candidate.js';
import { block, inline, joined, page, section } from './markdown.js';

/** A CV of what the profile says, in the order of the profile. Nothing is added and nothing is left out. */
export const cvTemplate = ({ candidate, jobOffer }: { candidate: Candidate; jobOffer: JobOffer }): string =>
  page([
    `# ${fullName(candidate) || 'Curriculum vitae'}`,
    contact(candidate),
    inline(jobOffer.title) && `**${inline(jobOffer.title)}**`,
    ...section('Experience', candidate.experiences.map(experience)),
    ...section('Education', candidate.education.map(education)),
    ...section('Skills', [list(candidate.skills)]),
    ...section('Achievements', candidate.professionalSuccesses.map(success)),
    ...section('Interests', [list(candidate.interests)]),
  ]);

export const fullName = ({ firstName, lastName }: Candidate): string => joined([firstName, lastName], ' ');

export const contact = ({ email, phone, location, socialLinks }: Candidate): string =>
  joined(
    [email, phone, location, ...socialLinks.map(({ name, url }) => [name, url].filter(Boolean).join(': '))],
    ' · ',
  );

const list = (texts: readonly string[]): string =>
  texts
    .map(inline)
    .filter(Boolean)
    .map((text) => `- ${text}`)
    .join('\n');

const entry = (title: string, parts: readonly string[]): string =>
  [title && `### ${title}`, ...parts.filter(Boolean)].filter(Boolean).join('\n\n');

const experience = ({ entity, position, dates, description }: Candidate['experiences'][number]): string =>
  entry(joined([position, entity], ', '), [inline(dates) && `*${inline(dates)}*`, block(description)]);

const education = ({ entity, degree, dates }: Candidate['education'][number]): string =>
  entry(joined([degree, entity], ', '), [inline(dates) && `*${inline(dates)}*`]);

const success = ({ title, ...told }: Candidate['professionalSuccesses'][number]): string =>
  entry(inline(title), [told.situation, told.task, told.action, told.result].map(block));
