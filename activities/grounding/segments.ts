import { plainText, tidyLine } from '../../job-types/fields/plain-text.js';
import type { SegmentReview, StoryLine } from '../../job-types/fields/story.js';
import { StepFailure } from '../frame/step-failure.js';
import type { ReviewSaid } from '../prompts/review-segment.js';
import type { LinesSaid } from '../prompts/write-segment.js';
import type { Answer } from '../providers/model.js';
import { withoutFence } from './without-fence.js';

/** Characters of the end of a segment that the next one goes on from. */
const seenBefore = 1_500;

const most = { lines: 200, line: 2_000, issues: 20, said: 1_000 };

/** @throws {StepFailure} for a segment that is not whole */
export function writtenFrom({ text, value, finishReason, provider }: Answer<LinesSaid | null>): {
  text: string | null;
  lines: StoryLine[] | null;
} {
  if (finishReason === 'length') {
    const detail = `${provider} was cut off before the segment was complete.`;
    throw new StepFailure('answer-too-long', detail, { provider });
  }
  if (value) {
    const lines = value.lines
      .map(({ actor, line }) => ({ actor: tidyLine(actor), line: plainText(line).trim() }))
      .filter(({ actor, line }) => actor !== '' && line !== '')
      .map(({ actor, line }) => ({
        actor: actor.slice(0, 200).toWellFormed(),
        line: line.slice(0, most.line).toWellFormed(),
      }))
      .slice(0, most.lines);
    if (lines.length > 0) return { text: null, lines };
  } else {
    const plain = withoutFence(plainText(text).trim());
    if (plain !== '') return { text: plain, lines: null };
  }
  throw new StepFailure('malformed-answer', `${provider} wrote nothing.`, { provider });
}

/** A segment as one text. */
export const spoken = ({ text, lines }: { text: string | null; lines: StoryLine[] | null }): string =>
  text ?? (lines ?? []).map(({ actor, line }) => `${actor}: ${line}`).join('\n');

export const endOf = (text: string): string => text.slice(-seenBefore).toWellFormed();

const severities = { low: 'low', medium: 'medium', high: 'high' } as const;

/** What a reviewer said, with scores from 0 to 1 also where it counted to ten or a hundred. */
export function reviewFrom({ scores, issues, suggestions, summary }: ReviewSaid): SegmentReview {
  const highest = Math.max(...Object.values(scores));
  const scale = highest <= 1 ? 1 : highest <= 10 ? 10 : 100;
  const score = (said: number): number => Math.min(Math.max(said / scale, 0), 1);
  const line = (said: string): string => tidyLine(said).slice(0, most.said).toWellFormed();
  return {
    scores: {
      lore: score(scores.lore),
      narrative: score(scores.narrative),
      consistency: score(scores.consistency),
    },
    issues: issues.slice(0, most.issues).map(({ category, severity, description, suggestion }) => ({
      category: line(category),
      severity: severities[severity.toLowerCase() as keyof typeof severities] ?? 'medium',
      description: line(description),
      suggestion: line(suggestion),
    })),
    suggestions: suggestions.map(line).filter(Boolean).slice(0, most.issues),
    summary: line(summary),
  };
}
