import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../job-types/contract/api-key.js';
import { revokeKey } from '../api/house.js';
import { toFailure } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';

/** Those that work, and on demand those that do not any more. */
export function KeyList({ keys }: { keys: readonly ApiKey[] }) {
  const [all, setAll] = useState(false);
  const { mutate, isPending, error } = useMutation({ mutationFn: revokeKey });
  const present = keys.filter(({ revokedAt }) => revokedAt === null);
  const gone = keys.length - present.length;
  return (
    <>
      {error && <ProblemNote failure={toFailure(error)} />}
      <ul className="things" aria-label="Keys">
        {(all ? keys : present).map((key) => (
          <li key={key.id} className="thing" data-key={key.id}>
            <span className="row">
              <strong>{key.owner}</strong>
              <code>lh_{key.id}_…</code>
              {key.current && <span className="badge">yours</span>}
              {key.revokedAt !== null && <span className="badge badge-failed">revoked</span>}
            </span>
            {key.revokedAt === null && (
              <TwiceButton
                label={`Revoke the key ${key.id} of ${key.owner}`}
                again={key.current ? 'Sign yourself out?' : 'Really revoke?'}
                busy={isPending}
                onTwice={() => mutate(key.id)}
              >
                Revoke
              </TwiceButton>
            )}
            <span className="quiet">
              made {time(key.createdAt)} ·{' '}
              {key.lastUsedAt === null ? 'never used' : `used ${time(key.lastUsedAt)}`}
              {key.revokedAt !== null && ` · revoked ${time(key.revokedAt)}`}
            </span>
          </li>
        ))}
      </ul>
      {gone > 0 && (
        <p className="row">
          <button
            type="button"
            className="button button-small"
            aria-pressed={all}
            onClick={() => setAll(!all)}
          >
            {all ? 'Hide' : 'Show'} {gone === 1 ? 'one revoked key' : `${gone} revoked keys`}
          </button>
        </p>
      )}
    </>
  );
}
