import { z } from 'zod';
import {
  MissingSegment,
  QuestPhase,
  SegmentReview,
  StoryLine,
  StorySection,
} from '../../job-types/fields/story.js';
import type { StoredStory, StorySummary as Stored } from '../../store/stories.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { pageFields } from '../openapi/numbered-page.js';
import { searchField } from '../openapi/search-field.js';
import { VersionQuery, VersionsQuery } from './versions.js';

export const StoriesQuery = z.strictObject({
  search: searchField('Part of a subject or title, or of the name of whom it happens to'),
  ...pageFields,
});
export type StoriesQuery = z.infer<typeof StoriesQuery>;

const ofJob = {
  jobId: StorableText.max(200)
    .optional()
    .meta({ description: 'The story that this job writes; the one that was finished last when left out' }),
};

export const StoryQuery = VersionQuery.extend(ofJob);
export type StoryQuery = z.infer<typeof StoryQuery>;

export const StoryEditQuery = z.strictObject(ofJob);
export type StoryEditQuery = z.infer<typeof StoryEditQuery>;

export const StoryVersionsQuery = VersionsQuery.extend(ofJob);
export type StoryVersionsQuery = z.infer<typeof StoryVersionsQuery>;

export const StorySummary = z
  .object({
    id: z.string(),
    subject: z.string(),
    title: z.string(),
    player: z.string(),
    status: z.enum(['writing', 'complete', 'partial']).meta({
      description: 'partial: a segment is missing, or the job has ended without finishing it',
    }),
    written: z
      .int()
      .meta({ description: 'How many segments there are, introduction and conclusion included' }),
    planned: z.int(),
    missing: z.array(MissingSegment).meta({ description: 'Segments that failed for good' }),
    researchVersion: z.int(),
    provider: z.string().meta({ description: 'What planned it, as provider/model' }),
    jobId: z.string(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    version: z.int().meta({ description: 'From 1, which its job wrote; each edit adds one' }),
    latestVersion: z.int(),
    writtenBy: z.string().nullable().meta({ description: 'Public id of the API key that edited it' }),
    editedAt: z.iso.datetime().nullable().meta({ description: 'Null for the version that its job wrote' }),
  })
  .meta({ id: 'StorySummary' });

/** How a text came about. */
const making = {
  rounds: z.int().meta({ description: 'How often it was written; 0: it is not there' }),
  review: SegmentReview.nullable(),
  reviewFailure: z.string().nullable().meta({ description: 'Why nobody reviewed it' }),
  edited: z
    .boolean()
    .meta({ description: 'A person has written this text; the review is of the text of the job' }),
};

const StoryText = z.object({ text: z.string(), ...making }).meta({ id: 'StoryText' });

const StorySegment = z
  .object({
    number: z.int().meta({ description: 'Among all of the story; the introduction is 1' }),
    questIds: z.array(z.string()),
    questName: z.string(),
    phase: QuestPhase,
    section: StorySection,
    text: z.string().nullable(),
    lines: z.array(StoryLine).nullable().meta({ description: 'Of a dialogue, instead of the text' }),
    ...making,
  })
  .meta({ id: 'StorySegment' });

export const Story = StorySummary.extend({
  introduction: StoryText,
  segments: z.array(StorySegment),
  conclusion: StoryText,
}).meta({ id: 'Story' });
export type Story = z.infer<typeof Story>;

export const StoryList = z
  .object({ items: z.array(StorySummary), nextPageToken: z.string().nullable() })
  .meta({ id: 'StoryList' });
export type StoryList = z.infer<typeof StoryList>;

export const StoryVersionList = z
  .object({
    items: z.array(
      z
        .object({
          version: z.int(),
          title: z.string(),
          provider: z.string().nullable().meta({ description: 'What planned it; null for a person' }),
          jobId: z.string().nullable().meta({ description: 'The job that wrote it; null for an edit' }),
          writtenBy: z.string().nullable().meta({ description: 'Public id of the API key that edited it' }),
          createdAt: z.iso.datetime(),
        })
        .meta({ id: 'StoryVersion' }),
    ),
    nextPageToken: z.string().nullable(),
  })
  .meta({ id: 'StoryVersionList' });
export type StoryVersionList = z.infer<typeof StoryVersionList>;

export const toSummary = ({ segments, ...story }: Stored): z.infer<typeof StorySummary> => ({
  ...story,
  written: segments,
});

export function toStory({ plan, written, ...summary }: StoredStory): Story {
  const found = new Map(written.map((segment) => [segment.number, segment]));
  const told = (number: number) => textOf(found.get(number));
  const between = plan.slice(1, -1).flatMap(({ questIds, questName, phase, section }, index) => {
    const segment = found.get(index + 2);
    if (!segment) return [];
    const { number, text, lines, ...rest } = segment;
    return [{ number, questIds, questName, phase, section, text, lines, ...makingOf(rest) }];
  });
  return { ...toSummary(summary), introduction: told(1), segments: between, conclusion: told(plan.length) };
}

type Written = StoredStory['written'][number];

const textOf = (segment: Written | undefined): z.infer<typeof StoryText> =>
  segment
    ? { text: segment.text ?? '', ...makingOf(segment) }
    : { text: '', rounds: 0, review: null, reviewFailure: null, edited: false };

const makingOf = ({ rounds, review, reviewFailure, edited }: Pick<Written, keyof typeof making>) => ({
  rounds,
  review,
  reviewFailure,
  edited,
});
