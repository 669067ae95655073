import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { createKey } from '../api/house.js';
import { toFailure } from '../api/problem-error.js';
import { CopyButton } from '../shared/copy-button.js';
import { ProblemNote } from '../shared/problem-note.js';

/** Makes a key for an owner, and shows it as long as the page is not left: nobody can show it again. */
export function NewKey() {
  const [owner, setOwner] = useState('');
  const field = useId();
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: () => createKey(owner.trim()),
    onSuccess: () => setOwner(''),
    // It is a secret, and no part of what the page keeps.
    gcTime: 0,
  });
  const failure = error && toFailure(error);
  const wrong = failure?.errors?.find(({ pointer }) => pointer === '/owner');
  return (
    <>
      <form
        className="new-key"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <div className={wrong ? 'field field-wrong' : 'field'}>
          <label htmlFor={field}>Owner of a new key</label>
          <input
            id={field}
            value={owner}
            autoComplete="off"
            aria-invalid={wrong !== undefined}
            aria-describedby={`${field}-help`}
            onChange={({ target }) => setOwner(target.value)}
          />
          <p id={`${field}-help`} className={wrong ? 'wrong' : 'help'}>
            {wrong?.detail ??
              'A name for whoever uses it. An owner sees its own jobs, and may have several keys.'}
          </p>
        </div>
        <button type="submit" className="button button-main" disabled={isPending}>
          Make a key
        </button>
      </form>
      {failure && !wrong && <ProblemNote failure={failure} />}
      {data && (
        <div className="note new-key-shown" role="status">
          <p className="note-title">The key of {data.owner}. It is not shown again.</p>
          <p>
            <code data-new-key>{data.key}</code>
          </p>
          <p className="row">
            <CopyButton text={() => data.key}>Copy the key</CopyButton>
            <button type="button" className="button" onClick={reset}>
              I have it
            </button>
          </p>
        </div>
      )}
    </>
  );
}
