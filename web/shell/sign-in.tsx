import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import { learnSession, session, signIn } from '../api/access.js';
import { usePageTitle } from '../shared/page-title.js';

const refusals = {
  refused: 'The API does not accept the key that was given.',
  unreachable: 'The API could not be asked. Try again in a moment.',
} as const;

/** Asks for a key, where the API has some and knows no session of this browser. */
export function SignIn() {
  const [given, setGiven] = useState('');
  const field = useId();
  const { mutate, isPending, data } = useMutation({ mutationFn: signIn });
  const refusal = data === undefined || data === 'yes' ? null : refusals[data];
  const wasHere = (session.get()?.expiresAt ?? null) !== null;
  usePageTitle('Sign in');
  useEffect(() => {
    // In another tab somebody may have signed in, with the same cookie.
    const look = () => void learnSession();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);
  return (
    <form
      className="panel sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (given.trim() !== '' && !isPending) mutate(given.trim());
      }}
    >
      <h1>Sign in</h1>
      {wasHere && (
        <p className="note" role="alert">
          Your session is over, or its key was revoked. Nothing is lost: your jobs go on.
        </p>
      )}
      <p>This API asks for a key. It is exchanged for a session of 12 hours, and not kept here.</p>
      <div className={refusal ? 'field field-wrong' : 'field'}>
        <label htmlFor={field}>API key</label>
        <input
          id={field}
          type="password"
          autoComplete="off"
          value={given}
          aria-invalid={refusal !== null}
          aria-describedby={`${field}-help`}
          onChange={({ target }) => setGiven(target.value)}
        />
        <p id={`${field}-help`} className={refusal ? 'wrong' : 'help'} role={refusal ? 'alert' : undefined}>
          {refusal ?? 'npm run keys -- create <owner> makes one.'}
        </p>
      </div>
      <button type="submit" className="button button-main" disabled={isPending}>
        Sign in
      </button>
    </form>
  );
}
