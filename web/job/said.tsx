import type { Job } from '../../client/index.js';
import type { Passage } from '../../client/react/passages.js';
import { clock, words } from '../shared/shown.js';

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
      {passages.map(({ step, item, attempt, text, from, retracted }, index) => (
        <div key={`${step} ${item} ${attempt} ${index}`} className="passage">
          <p className="quiet">
            {words(step)}
            {item === null ? '' : `, ${item}`}, attempt {attempt}
            {retracted && ', taken back'}
            {passages.slice(0, index).some((one) => one.step === step && one.item === item) &&
              `, resumed at ${clock(from)}`}
          </p>
          <p className="said">{retracted ? <del>{text}</del> : text}</p>
        </div>
      ))}
    </details>
  );
}
