import { inLine } from '../shared/value-view.js';
import type { Change, Difference } from './changes.js';

const kinds = {
  changed: { mark: '~', says: 'changed' },
  added: { mark: '+', says: 'added' },
  moved: { mark: '↕', says: 'moved' },
  removed: { mark: '−', says: 'dropped' },
} as const;

interface Given {
  changes: readonly Change[];
  onPutBack(dropped: NonNullable<Change['dropped']>): void;
}

/** "2 changed, 1 dropped" */
function sum(changes: readonly Change[]): string {
  const parts = Object.entries(kinds).flatMap(([kind, { says }]) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${says}`];
  });
  return parts.length === 0 ? 'Nothing: it is sent as it was proposed.' : parts.join(', ');
}

/** What is sent otherwise than it was proposed, to be seen before it is sent. */
export function ChangesView({ changes, onPutBack }: Given) {
  return (
    <section className="changes" aria-label="Difference to the proposal">
      <p className="changes-sum">
        <span className="quiet">Difference to the proposal</span> <span role="status">{sum(changes)}</span>
      </p>
      <ul>
        {changes.map(({ kind, what, differences, dropped }, index) => (
          <li key={`${kind} ${what} ${index}`} className={`change change-${kind}`}>
            <span className="change-mark" aria-hidden="true">
              {kinds[kind].mark}
            </span>
            <span className="change-what">
              {kind === 'removed' ? <del>{what}</del> : what}{' '}
              <span className="quiet">{kinds[kind].says}</span>
            </span>
            {differences.map((difference) => (
              <DifferenceLine key={difference.field} {...difference} />
            ))}
            {dropped && (
              <button
                type="button"
                className="button button-small"
                aria-label={`Put back ${what}`}
                onClick={() => onPutBack(dropped)}
              >
                Put back
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const shown = (value: unknown): string =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') && value.length > 0
    ? value.join(', ')
    : inLine(value);

function DifferenceLine({ field, before, after }: Difference) {
  return (
    <span className="difference">
      {field !== '' && <span className="quiet">{field}: </span>}
      <del>{shown(before)}</del> <span aria-hidden="true">→</span> <ins>{shown(after)}</ins>
    </span>
  );
}
