import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../job-types/contract/api-key.js';
import { revokeKey } from '../api/house.js';
import { toFailure } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';

/** Those that work, and on demand those that do not any more. */
export function KeyTable({ keys }: { keys: readonly ApiKey[] }) {
  const [all, setAll] = useState(false);
  const { mutate, isPending, error } = useMutation({ mutationFn: revokeKey });
  const present = keys.filter(({ revokedAt }) => revokedAt === null);
  const gone = keys.length - present.length;
  return (
    <>
      {error && <ProblemNote failure={toFailure(error)} />}
      <section className="scroll" aria-label="Keys" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Owner</th>
              <th scope="col">Key</th>
              <th scope="col">Made</th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span className="visually-hidden">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {(all ? keys : present).map((key) => (
              <tr key={key.id} data-key={key.id}>
                <td>{key.owner}</td>
                <td>
                  <code>lh_{key.id}_…</code> {key.current && <span className="badge">yours</span>}
                </td>
                <td>{time(key.createdAt)}</td>
                <td>{key.lastUsedAt === null ? 'never' : time(key.lastUsedAt)}</td>
                <td className="number">
                  {key.revokedAt === null ? (
                    <TwiceButton
                      label={`Revoke the key ${key.id} of ${key.owner}`}
                      again={key.current ? 'Sign yourself out?' : 'Really revoke?'}
                      busy={isPending}
                      onTwice={() => mutate(key.id)}
                    >
                      Revoke
                    </TwiceButton>
                  ) : (
                    <span className="quiet">revoked {time(key.revokedAt)}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
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
