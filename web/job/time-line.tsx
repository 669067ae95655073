import type { Job } from '../../client/index.js';
import { duration, words } from '../shared/shown.js';
import type { Story, Try } from './story.js';

/** A bar a try; where a step has more tries than can be told apart, the last ones. */
const mostBars = 120;

type Kind = 'waiting' | 'stopped' | 'running' | 'back-off' | 'failed' | 'succeeded' | 'reused';

interface Bar {
  kind: Kind;
  from: number;
  to: number;
}

const saysOf: Record<Kind, string> = {
  waiting: 'waiting',
  running: 'running',
  stopped: 'stopped',
  'back-off': 'back-off, the pause before a next try',
  failed: 'failed',
  succeeded: 'succeeded',
  reused: 'reused',
};

/** Tries, and the pauses between a failed one and the next of the same item. */
function barsOf(tries: readonly Try[], { end, done }: { end: number; done: boolean }): Bar[] {
  return tries.slice(-mostBars).flatMap((one, index, all): Bar[] => {
    const from = Date.parse(one.from);
    const to = one.to === null ? end : Date.parse(one.to);
    const bar: Bar = { kind: one.outcome, from, to };
    if (one.outcome !== 'failed' || one.failure?.retryable === false) return [bar];
    const next = all.slice(index + 1).find(({ item }) => item === one.item);
    if (!next && done) return [bar];
    return [bar, { kind: 'back-off', from: to, to: next ? Date.parse(next.from) : end }];
  });
}

/** Nothing of an ended job runs, whatever its log has last said. */
function seenAs(kind: Kind, { step, done }: { step: Job['steps'][number]; done: boolean }): Kind {
  if (step.reused) return 'reused';
  return done && kind === 'running' ? 'stopped' : kind;
}

interface Row {
  name: string;
  says: string;
  bars: Bar[];
}

function rowsOf(job: Job, { story, end }: { story: Story; end: number }): Row[] {
  const begun = story.tries[0]?.from ?? job.startedAt;
  const queue: Bar = {
    kind: 'waiting',
    from: Date.parse(job.createdAt),
    to: begun === null ? end : Date.parse(begun),
  };
  const steps = job.steps.map((step): Row => {
    const tries = story.tries.filter((one) => one.step === step.name);
    const bars = barsOf(tries, { end, done: job.done });
    const took = bars
      .filter(({ kind }) => kind !== 'back-off')
      .reduce((sum, { from, to }) => sum + to - from, 0);
    const items = step.total === null ? '' : `, ${step.done ?? 0} of ${step.total}`;
    const reused = step.reused ? ', reused' : '';
    return {
      name: step.title,
      says:
        tries.length === 0 ? `${words(step.status)}${reused}` : `${duration(took / 1000)}${items}${reused}`,
      bars: bars.map((bar) => ({ ...bar, kind: seenAs(bar.kind, { step, done: job.done }) })),
    };
  });
  const waits = story.waits.map(({ name, from, to }): Bar & { name: string } => ({
    name,
    kind: 'waiting',
    from: Date.parse(from),
    to: to === null ? end : Date.parse(to),
  }));
  const people: Row[] =
    waits.length === 0
      ? []
      : [
          {
            name: 'A person',
            says: duration(waits.reduce((sum, { from, to }) => sum + to - from, 0) / 1000),
            bars: waits,
          },
        ];
  return [
    { name: 'Queue', says: duration((queue.to - queue.from) / 1000), bars: [queue] },
    ...steps,
    ...people,
  ];
}

const kindsIn = (rows: readonly Row[]): Kind[] => [
  ...new Set(rows.flatMap(({ bars }) => bars.map(({ kind }) => kind))),
];

/** One line a step: when it waited, ran and paused. */
export function TimeLine({ job, story, now }: { job: Job; story: Story; now: number }) {
  const start = Date.parse(job.createdAt);
  const end = job.finishedAt === null ? Math.max(now, start + 1) : Date.parse(job.finishedAt);
  const rows = rowsOf(job, { story, end });
  const share = (at: number) =>
    `${(Math.min(Math.max((at - start) / (end - start || 1), 0), 1) * 100).toFixed(3)}%`;
  const length = (bar: Bar) => `${(Math.max(bar.to - bar.from, 0) / (end - start || 1)) * 100}%`;
  return (
    <section className="panel" aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol className="time-line">
        {rows.map(({ name, says, bars }) => (
          <li key={name}>
            <span className="time-line-name">{name}</span>
            <span className="time-line-track" aria-hidden="true">
              {bars.map((bar, index) => (
                <span
                  key={`${bar.from} ${index}`}
                  className={`bar bar-${bar.kind}`}
                  style={{ left: share(bar.from), width: length(bar) }}
                  title={`${saysOf[bar.kind]}, ${duration((bar.to - bar.from) / 1000)}`}
                />
              ))}
            </span>
            <span className="time-line-says">{says}</span>
          </li>
        ))}
      </ol>
      <div className="time-line-foot">
        <p className="time-line-axis quiet" aria-hidden="true">
          <span>0</span>
          <span>{duration((end - start) / 2000)}</span>
          <span>{duration((end - start) / 1000)}</span>
        </p>
        <ul className="legend quiet" aria-hidden="true">
          {kindsIn(rows).map((kind) => (
            <li key={kind}>
              <span className={`bar bar-${kind}`} />
              {saysOf[kind]}
            </li>
          ))}
        </ul>
      </div>
      <ul className="notes">
        {job.steps.flatMap(({ name, title, notes }) =>
          notes.map((note) => (
            <li key={`${name} ${note}`}>
              {title}: {note}
            </li>
          )),
        )}
      </ul>
    </section>
  );
}
