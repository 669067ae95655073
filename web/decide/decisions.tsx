import { useState } from 'react';
import type { Job } from '../../client/index.js';
import { time, words } from '../shared/shown.js';
import { DecideForm, type Wait } from './decide-form.js';
import '../styles/decide.css';

type Seen = Readonly<Record<string, Wait>>;

/** What is open, and what of it was told before: while no worker is there, what there is to decide on cannot be told again. */
function stillKnown(seen: Seen, open: readonly Wait[]): Seen {
  const fresh = open.filter(({ id, data }) => !seen[id] || (seen[id].data === null && data !== null));
  return fresh.length === 0 ? seen : { ...seen, ...Object.fromEntries(fresh.map((wait) => [wait.id, wait])) };
}

/** All that a job asks people, each thing to be decided here. What has been decided since it was shown stays, and says by whom. */
export function Decisions({ job }: { job: Job }) {
  const [seen, setSeen] = useState<Seen>(() => stillKnown({}, job.waitingFor));
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const known = stillKnown(seen, job.waitingFor);
  if (known !== seen) setSeen(known);
  const open = new Set(job.waitingFor.map(({ id }) => id));
  const over = Object.values(known).filter(({ id }) => !open.has(id));
  return (
    <>
      {over.map(({ id, name }) => (
        <p key={id} className="note decided" role="status">
          {sent.has(id) ? `Your answer to “${words(name)}” was taken.` : decided({ id, name }, job)}
        </p>
      ))}
      {Object.values(known)
        .filter(({ id }) => open.has(id))
        .map((wait) => (
          <DecideForm
            key={`${wait.id} ${wait.data === null}`}
            job={job.id}
            wait={wait}
            onSending={(id) => setSent((before) => new Set([...before, id]))}
            onRefused={(id) => setSent((before) => new Set([...before].filter((one) => one !== id)))}
          />
        ))}
    </>
  );
}

/** What became of a wait that was not answered here. */
function decided({ id, name }: Pick<Wait, 'id' | 'name'>, job: Job): string {
  const given = job.answers.find((one) => one.id === id);
  if (given) {
    const by = given.answeredBy === null ? 'Somebody else' : given.answeredBy;
    return `${by} has answered “${words(name)}” meanwhile, at ${time(given.answeredAt)}. Nothing was sent from here.`;
  }
  return job.done
    ? `The job has ended before anybody answered “${words(name)}”.`
    : `The job does not wait for “${words(name)}” any more.`;
}
