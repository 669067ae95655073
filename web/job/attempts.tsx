import type { Job } from '../../client/index.js';
import { duration } from '../shared/shown.js';
import type { Try } from './story.js';

/** The last ones tell what is the matter now. */
const mostShown = 20;

interface Given {
  tries: readonly Try[];
  steps: Job['steps'];
  now: number;
}

/** What went wrong on the way: each failed try with what to do, and when the next one comes. */
export function Attempts({ tries, steps, now }: Given) {
  const failed = tries.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return null;
  const titleOf = (name: string) => steps.find((step) => step.name === name)?.title ?? name;
  return (
    <section className="panel" aria-labelledby="attempts">
      <h2 id="attempts">Failed attempts</h2>
      {steps
        .filter(({ nextRetryAt }) => nextRetryAt !== null)
        .map(({ name, title, nextRetryAt, maxAttempts }) => (
          <p key={name} className="countdown">
            {title}: try {(failed.findLast(({ step }) => step === name)?.attempt ?? 0) + 1}
            {maxAttempts === null ? '' : ` of ${maxAttempts}`} in{' '}
            {duration(Math.max(0, Math.ceil((Date.parse(nextRetryAt ?? '') - now) / 1000)))}
          </p>
        ))}
      <ul className="attempts">
        {failed.slice(-mostShown).map(({ step, item, attempt, from, to, failure }) => (
          <li key={`${step} ${item} ${attempt} ${from}`}>
            <p className="note-title">
              {titleOf(step)}
              {item === null ? '' : `, ${item}`}, attempt {attempt}: {failure?.title ?? 'failed'}
            </p>
            {failure && <p>{failure.detail}</p>}
            <p className="quiet">
              after {duration((Date.parse(to ?? from) - Date.parse(from)) / 1000)}
              {failure?.type.startsWith('/problems/') && (
                <>
                  {', '}
                  <a href={failure.type}>what to do about it</a>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
