import type { StorySegment } from '../../client/index.js';
import { sentenceCase } from '../shared/shown.js';

/** How a text was reviewed, for whoever wants to know. */
export function Review({
  number,
  rounds,
  review,
  reviewFailure,
}: Pick<StorySegment, 'number' | 'rounds' | 'review' | 'reviewFailure'>) {
  if (!review) {
    return reviewFailure === null ? null : <p className="quiet">Not reviewed: {reviewFailure}</p>;
  }
  const { scores, summary, issues } = review;
  return (
    <details className="quiet">
      <summary>
        Review of segment {number}, written {rounds === 1 ? 'once' : `${rounds} times`}
      </summary>
      <p>{summary}</p>
      <ul>
        {Object.entries(scores).map(([name, score]) => (
          <li key={name}>
            {sentenceCase(name)}: {score}
          </li>
        ))}
        {issues.map(({ category, severity, description, suggestion }, index) => (
          <li key={index}>
            {sentenceCase(category)}, {severity}: {description} {suggestion}
          </li>
        ))}
      </ul>
    </details>
  );
}
