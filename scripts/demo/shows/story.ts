import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CreateStoryResult, createStory } from '../../../job-types/create-story.js';
import { type ResearchSubjectResult, researchSubject } from '../../../job-types/research-subject.js';
import { projectRoot } from '../../local/project.js';
import { type Recording, recordedText, timed } from '../recording.js';
import type { Show } from '../show.js';

const researchFile = 'samples/research-subject.answer.json';
const storyFile = 'samples/create-story.answers.json';

/** Whole strings of JSON that is still being written, of those that are sentences. */
const sentencesIn = (json: string): string[] =>
  [...json.matchAll(/"((?:[^"\\]|\\.){25,})"/g)].map(([, said = '']) => said);

/** What is known of a subject. */
export const research: Show = {
  type: 'researchSubject',
  recordingFile: researchFile,
  isRecorded: () => true,
  recording: () => recordedText(researchFile),
  input: (_, api) => ({
    ...researchSubject.example,
    sources: [`${api}/samples/the-lighthouse.html`],
  }),
  said: sentencesIn,
  lines: 'whole sentences',
  asks: 'structure',
  report(job, { say }) {
    const { subject, version, title, facts, people, quests, provider } = job.result as ResearchSubjectResult;
    say(`\n${title}: ${facts} facts, ${people} people and ${quests} quests; put in order by ${provider}.`);
    say(
      `Saved as version ${version}. GET /v1/research/${encodeURIComponent(subject)} has it, to be corrected.`,
    );
  },
  // The scene's library was empty.
  savedOnce: ({ result }) => (result as ResearchSubjectResult).version === 1,
  saved: 'the research was saved',
};

/** Milliseconds of what is not to be watched. */
const quickMs = 300;

/** The answers of one story, in the order in which they are asked for: the first segment is the one that is watched. */
function storyAnswers(): { plan: Recording; first: Recording; rest: Recording[] } {
  const { plan, segments, review } = JSON.parse(readFileSync(join(projectRoot, storyFile), 'utf8')) as {
    plan: object;
    segments: (string | object)[];
    review: object;
  };
  const quick = (value: object): Recording => ({ text: JSON.stringify(value), durationMs: quickMs });
  const [first, ...others] = segments.map((segment) =>
    timed(typeof segment === 'string' ? segment : JSON.stringify(segment)),
  );
  if (!first) throw new Error(`${storyFile} has no segments.`);
  const rest = [quick(review), ...others.flatMap((segment) => [segment, quick(review)])];
  return { plan: quick(plan), first, rest };
}

/** A story of what is known. */
export const story: Show = {
  type: 'createStory',
  recordingFile: storyFile,
  isRecorded: () => true,
  recording: () => storyAnswers().first,
  around: () => {
    const { plan, rest } = storyAnswers();
    return { before: [{ ...recordedText(researchFile), durationMs: quickMs }, plan], after: rest };
  },
  first: research,
  input: () => createStory.example,
  // Plans and reviews are JSON, and nothing to read.
  said: (text) =>
    text.startsWith('{') ? [] : [...text.matchAll(/\S[^]*?[.!?](?=\s|$)/g)].map(([sentence]) => sentence),
  lines: 'whole sentences',
  asks: 'write',
  report(job, { say }) {
    const { subject, title, segments, planned, status, provider } = job.result as CreateStoryResult;
    say(`\n"${title}": ${segments} of ${planned} segments, ${status}; planned by ${provider}.`);
    say(`GET /v1/stories/${encodeURIComponent(subject)} has it.`);
  },
  savedOnce: ({ result }) => {
    const { segments, planned } = result as CreateStoryResult;
    return segments === planned;
  },
  saved: 'each segment was appended',
};
