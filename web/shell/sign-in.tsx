import { useId, useState } from 'react';
import { key, signIn } from '../api/access.js';
import { queries } from '../api/queries.js';
import { usePageTitle } from '../shared/page-title.js';

/** Asks for a key, where the API has some and was not given one that it knows. */
export function SignIn() {
  const [given, setGiven] = useState('');
  const field = useId();
  const refused = key.get() !== null;
  usePageTitle('Sign in');
  return (
    <form
      className="panel sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (given.trim() === '') return;
        signIn(given.trim());
        queries.clear();
      }}
    >
      <h1>Sign in</h1>
      <p>This API asks for a key. It stays in this tab, and is forgotten with it.</p>
      <div className={refused ? 'field field-wrong' : 'field'}>
        <label htmlFor={field}>API key</label>
        <input
          id={field}
          type="password"
          autoComplete="off"
          value={given}
          aria-invalid={refused}
          aria-describedby={`${field}-help`}
          onChange={({ target }) => setGiven(target.value)}
        />
        <p id={`${field}-help`} className={refused ? 'wrong' : 'help'}>
          {refused
            ? 'The API does not accept the key that was given.'
            : 'npm run keys -- create <owner> makes one.'}
        </p>
      </div>
      <button type="submit" className="button button-main">
        Sign in
      </button>
    </form>
  );
}
