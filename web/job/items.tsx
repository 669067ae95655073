import { useQuery } from '@tanstack/react-query';
import type { Job, JobItem } from '../../client/index.js';
import { itemsQuery, mostItems } from '../api/queries.js';
import { words } from '../shared/shown.js';

/** What needs a person comes first. */
const rank: Record<JobItem['status'], number> = {
  failed: 0,
  paused: 1,
  retrying: 2,
  running: 3,
  pending: 4,
  cancelled: 5,
  succeeded: 6,
};

/** What the steps are done for: segments, files. The failed ones first. */
export function Items({ job }: { job: Job }) {
  const counted = job.steps.filter(({ done }) => done !== null);
  const { data } = useQuery({ ...itemsQuery(job.id), enabled: counted.length > 0 });
  const someFailed = counted.some(({ failed }) => (failed ?? 0) > 0);
  const { data: lost } = useQuery({ ...itemsQuery(job.id, 'failed'), enabled: someFailed });
  if (!data || data.items.length === 0) return null;
  const every = new Map(
    [...(lost?.items ?? []), ...data.items].map((one) => [`${one.step} ${one.item}`, one]),
  );
  const items = [...every.values()].toSorted((a, b) => rank[a.status] - rank[b.status]);
  return (
    <section className="panel" aria-labelledby="items">
      <h2 id="items">Items</h2>
      <p className="quiet">
        {counted
          .map(
            ({ name, done, failed, total }) =>
              `${words(name)}: ${done} of ${total ?? '?'} done, ${failed ?? 0} failed`,
          )
          .join(' · ')}
      </p>
      <ul className="items">
        {items.map(({ step, item, status, attempt, failure }) => (
          <li key={`${step} ${item}`} className={`item item-${status}`}>
            <span className="item-name">{item}</span>
            <span className="quiet">
              {words(step)}, {words(status)}
              {attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ''}
            </span>
            {failure && status !== 'succeeded' && <span>{failure.title}</span>}
          </li>
        ))}
      </ul>
      {data.nextPageToken !== null && (
        <p className="quiet">The first {mostItems} are shown, and the first of those that failed.</p>
      )}
    </section>
  );
}
