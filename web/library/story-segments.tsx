import type { StorySegment } from '../../client/index.js';
import { Review } from './review.js';

/** The parts of a story between its introduction and its conclusion. */
export function StorySegments({ segments }: { segments: readonly StorySegment[] }) {
  return segments.map((segment, index) => (
    <section key={segment.number} className="story-segment">
      {segment.questName !== segments[index - 1]?.questName && <h2>{segment.questName}</h2>}
      {segment.text !== null && <p className="prose story-text">{segment.text}</p>}
      {segment.lines !== null && (
        <dl className="dialogue">
          {segment.lines.map(({ actor, line }, place) => (
            <div key={place}>
              <dt>{actor}</dt>
              <dd>{line}</dd>
            </div>
          ))}
        </dl>
      )}
      {segment.edited && <p className="quiet">Written by hand. A review is of what the job wrote.</p>}
      <Review {...segment} />
    </section>
  ));
}
