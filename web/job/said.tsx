import type { Job } from '../../client/index.js';
import { words } from '../shared/shown.js';
import type { Passage } from '../../client/react/passages.js';

interface Given {
  job: Job;
  passages: readonly Passage[];
  thought: number;
}

/** What the models say, as they say it. What a later attempt says otherwise is struck, and stays to be read. */
export function Said({ job, passages, thought }: Given) {
  if (passages.length === 0 && thought === 0) return null;
  const open = !job.done && job.waitingFor.length === 0;
  return (
    <details className="panel" open={open || (job.result === null && job.waitingFor.length === 0)}>
      <summary>
        <h2>What the model said</h2>
      </summary>
      {thought > 0 && <p className="quiet">It thought for {thought} characters, which nobody keeps.</p>}
      {passages.map(({ step, item, attempt, text, retracted }, index) => (
        <div key={`${step} ${item} ${attempt} ${index}`} className="passage">
          <p className="quiet">
            {words(step)}
            {item === null ? '' : `, ${item}`}, attempt {attempt}
            {retracted && ', taken back'}
          </p>
          <p className="said">{retracted ? <del>{text}</del> : text}</p>
        </div>
      ))}
    </details>
  );
}
