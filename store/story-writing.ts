import { type Transaction, sql } from 'kysely';
import type { MissingSegment, SegmentReview, SegmentText } from '../job-types/fields/story.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

export interface NewSegment extends SegmentText {
  storyId: string;
  /** From 1. */
  number: number;
  /** How often it was written. */
  rounds: number;
  review: SegmentReview | null;
  /** Why nobody reviewed it; null where somebody did. */
  reviewFailure: string | null;
  provider: string;
  jobId: string;
}

/** Puts a segment to its story, in the place of one that an earlier run has written. False: the story was deleted. */
export async function appendSegment(trx: Transaction<Schema>, segment: NewSegment): Promise<boolean> {
  const story = await trx
    .selectFrom('stories')
    .select('id')
    .where('id', '=', segment.storyId)
    .forShare()
    .executeTakeFirst();
  if (!story) return false;
  const { text, lines, rounds, review, reviewFailure, provider, jobId } = segment;
  const values = {
    body: text,
    lines: lines && toJsonb(lines),
    rounds,
    review: review && toJsonb(review),
    review_failure: reviewFailure,
    provider,
    job_id: jobId,
  };
  await trx
    .insertInto('story_segments')
    .values({ story_id: segment.storyId, number: segment.number, ...values })
    .onConflict((conflict) => conflict.columns(['story_id', 'number']).doUpdateSet(values))
    .execute();
  return true;
}

/** @returns how many segments there are; null: the story was deleted */
export async function finishStory(
  trx: Transaction<Schema>,
  { storyId, missing, jobId }: { storyId: string; missing: readonly MissingSegment[]; jobId: string },
): Promise<{ segments: number } | null> {
  const row = await trx
    .updateTable('stories')
    .set({
      status: missing.length > 0 ? 'partial' : 'complete',
      missing: toJsonb(missing),
      job_id: jobId,
      finished_at: sql<Date>`now()`,
    })
    .where('id', '=', storyId)
    .returning(
      sql<number>`(select count(*)::int from story_segments where story_id = stories.id)`.as('segments'),
    )
    .executeTakeFirst();
  return row ?? null;
}
