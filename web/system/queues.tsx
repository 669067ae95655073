import type { SystemQueue } from '../../job-types/contract/system.js';
import { count } from '../shared/shown.js';
import { For } from './since.js';

/** Where workers take their work from. */
export function Queues({ queues }: { queues: readonly SystemQueue[] }) {
  return (
    <section className="panel">
      <h2>Workers by queue</h2>
      <section className="scroll" aria-label="Queues" tabIndex={0}>
        <table className="queues">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" className="number">
                Workers
              </th>
              <th scope="col" className="number">
                Waiting
              </th>
              <th scope="col">Last asked</th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ name, kind, workers, backlog, lastAskedAt }) => (
              <tr key={kind} data-queue={kind}>
                <td>
                  {name} <span className="quiet">{kind}</span>
                </td>
                <td className={workers === 0 ? 'number money-bad' : 'number'}>{count(workers)}</td>
                <td className="number">{count(backlog)}</td>
                <td>
                  {lastAskedAt === null ? (
                    '–'
                  ) : (
                    <>
                      <For since={lastAskedAt} /> ago
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
