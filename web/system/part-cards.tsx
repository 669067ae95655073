import type { SystemPart } from '../../job-types/contract/system.js';
import { For } from './since.js';
import { StateBadge } from './state-badge.js';

const names = {
  api: 'API',
  database: 'Database',
  temporal: 'Temporal',
  workers: 'Workers',
} as const;

/** What the house stands on, a card each. */
export function PartCards({ parts, runtime }: { parts: readonly SystemPart[]; runtime: string }) {
  return (
    <ul className="part-cards" aria-label="Parts">
      {parts.map(({ name, state, since, version }) => (
        <li key={name} className={`part-card part-card-${state}`} data-part={name} data-state={state}>
          <h2>{names[name]}</h2>
          <StateBadge state={state} />
          <p>
            {since === null ? (
              'not looked at yet'
            ) : (
              <>
                for <For since={since} />
              </>
            )}
          </p>
          <p className="quiet">{versionOf(name, version, runtime)}</p>
        </li>
      ))}
    </ul>
  );
}

function versionOf(name: SystemPart['name'], version: string | null, runtime: string): string {
  if (name === 'workers') return 'as far as Temporal has seen them';
  if (version === null) return 'version not known';
  if (name === 'api') return `Longhaul ${version} on ${runtime}`;
  return name === 'database' ? `PostgreSQL ${version}` : `Temporal ${version}`;
}
