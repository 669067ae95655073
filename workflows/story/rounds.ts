import type { Feedback, Written } from '../../activities/story.js';
import type { SegmentReview } from '../../job-types/fields/story.js';
import type { Frame } from '../frame/frame.js';
import { tried } from '../frame/tried.js';
import { policies } from '../policies.js';

type Type = typeof import('../../job-types/create-story.js').createStory;

export interface Segment {
  owner: string;
  model: string | undefined;
  storyId: string;
  /** From 1. */
  number: number;
  of: number;
  /** A few words on what it tells. */
  what: string;
}

/** A text of a segment, and what was said of it. */
export interface Kept extends Written {
  /** How often the segment was written. */
  rounds: number;
  review: SegmentReview | null;
  /** Why nobody reviewed it. */
  reviewFailure: string | null;
  provider: string;
}

const mostRounds = 3;

/** From which score on a text is good enough, in each of the three. */
const goodEnough = 0.7;

/**
 * Writes a segment and has it reviewed, until it is good enough or was written three times. The best is kept. A text that
 * nobody can review is kept as it is.
 * @throws the failure of the first writing
 */
export async function bestOfRounds(segment: Segment, step: Frame<Type, never>['step']): Promise<Kept> {
  const { owner, model, storyId, number, of, what } = segment;
  const asked = { owner, model, storyId, number };
  const item = (round: number) =>
    round === 1 ? { key: `${number}`, of } : ({ key: `${number}.${round}`, of, again: true } as const);
  const inWords = (round: number) => `segment ${number} of ${of}, ${what}${round === 1 ? '' : `, once more`}`;

  const write = async (round: number, before: Reviewed | null) =>
    step('write', ({ writeSegment }) => writeSegment({ ...asked, feedback: feedbackOn(before) }), {
      policy: policies.model,
      summary: `Write ${inWords(round)}`,
      item: item(round),
    });
  const review = async (round: number, { text, lines, provider }: Text): Promise<Reviewed> => {
    const { value, failure } = await tried(() =>
      step('review', ({ reviewSegment }) => reviewSegment({ ...asked, written: { text, lines } }), {
        policy: policies.review,
        summary: `Review ${inWords(round)}`,
        item: item(round),
      }),
    );
    const reviewFailure = failure?.detail ?? null;
    return { text, lines, provider, review: value?.review ?? null, reviewFailure };
  };

  let last = await review(1, await write(1, null));
  let [best, rounds] = [last, 1];
  while (rounds < mostRounds && last.review && lowest(last.review) < goodEnough) {
    const { value } = await tried(() => write(rounds + 1, last));
    // What there is, is better than nothing.
    if (!value) break;
    rounds += 1;
    last = await review(rounds, value);
    if (sumOf(last) > sumOf(best)) best = last;
  }
  return { ...best, rounds };
}

type Text = Pick<Kept, 'text' | 'lines' | 'provider'>;
type Reviewed = Omit<Kept, 'rounds'>;

const lowest = ({ scores }: SegmentReview): number => Math.min(...Object.values(scores));

/** Less than any other where nobody gave scores. */
const sumOf = ({ review }: Reviewed): number =>
  review ? Object.values(review.scores).reduce((sum, score) => sum + score, 0) : -1;

/** What the next writing is told of the one before. */
function feedbackOn(before: Reviewed | null): Feedback | null {
  if (!before?.review) return null;
  const { issues, suggestions, summary } = before.review;
  const told = issues.map(({ description, suggestion }) => `${description} ${suggestion}`.trim());
  return { draft: { text: before.text, lines: before.lines }, wishes: [...told, ...suggestions, summary] };
}
