import type { Candidate, JobOffer } from '../../job-types/fields/candidate.js';
import { contact, fullName } from './cv.js';
import { inline, joined, page } from './markdown.js';

interface Application {
  candidate: Candidate;
  jobOffer: JobOffer;
}

/** How many things of each kind a letter names. */
const few = 5;

/** A letter of what the profile says, in sentences that fit everybody. */
export function coverLetterTemplate({ candidate, jobOffer }: Application): string {
  const title = inline(jobOffer.title);
  const company = inline(jobOffer.company);
  const post = title === '' ? 'the position you offer' : `the position of ${title}`;
  return page([
    contact(candidate),
    `**Application${title === '' ? '' : `: ${title}`}**`,
    company === '' ? 'Dear Sir or Madam,' : `Dear team of ${company},`,
    `I apply for ${post}${company === '' ? '' : ` at ${company}`}.`,
    ...candidate.experiences.slice(0, few).map(experience),
    sentence(
      'I have studied',
      candidate.education.map(({ degree, entity }) => joined([degree, entity], ', ')),
    ),
    sentence('I bring', candidate.skills.map(inline)),
    'I would be glad to tell you more in person.',
    'Kind regards,',
    fullName(candidate),
  ]);
}

function experience({ position, entity, dates }: Candidate['experiences'][number]): string {
  const what = joined([position, entity], ', ');
  if (what === '') return '';
  return inline(dates) === '' ? `I have worked as ${what}.` : `I have worked as ${what} (${inline(dates)}).`;
}

function sentence(begins: string, things: readonly string[]): string {
  const named = things.filter((thing) => thing !== '').slice(0, few);
  return named.length === 0 ? '' : `${begins} ${named.join('; ')}.`;
}
