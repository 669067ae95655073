import type { SystemProvider } from '../../job-types/contract/system.js';
import { For } from './since.js';
import { StateBadge } from './state-badge.js';

const wordsFor = { up: 'answers', down: 'fails', unknown: 'not asked' } as const;

/** Who answers the models. Nobody is called to find out: the last calls of jobs tell. */
export function Providers({ providers }: { providers: readonly SystemProvider[] }) {
  return (
    <section className="panel">
      <h2>Providers</h2>
      <ul className="providers">
        {providers.map((provider) => (
          <li key={provider.name} data-provider={provider.name} data-state={provider.state}>
            <span className="row row-between">
              <strong>{provider.name}</strong>
              <StateBadge state={provider.state} word={wordsFor[provider.state]} />
            </span>
            <span className="quiet">{provider.models.join(', ')}</span>
            <span className="quiet">
              <Said {...provider} />
            </span>
          </li>
        ))}
      </ul>
      <p className="quiet">As the calls of jobs went in the last day.</p>
    </section>
  );
}

function Said({ name, since, lastCallAt, failureCode }: SystemProvider) {
  if (since === null || lastCallAt === null) {
    return name === 'rules' ? 'Built in: it needs no model.' : 'No call in the last day.';
  }
  return (
    <>
      For <For since={since} />, the last call <For since={lastCallAt} /> ago
      {failureCode !== null && (
        <>
          : <a href={`/problems/${failureCode}`}>{failureCode}</a>
        </>
      )}
    </>
  );
}
