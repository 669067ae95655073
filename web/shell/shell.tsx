import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Activity, useEffect, useState } from 'react';
import { keyWanted, learnSession, session, signOut, visitor } from '../api/access.js';
import { keepRead } from '../api/keep-read.js';
import { useCell } from '../shared/cell.js';
import { letterOf } from '../shared/letters.js';
import { OfflineNote } from './offline-note.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { SignIn } from './sign-in.js';
import { WaitingCount } from './waiting-count.js';

/** What stands around every view. */
export function Shell() {
  const wanted = useCell(keyWanted);
  const present = useCell(session);
  const who = useCell(visitor);
  const navigate = useNavigate();
  const [helped, setHelped] = useState(false);
  useEffect(() => void learnSession(), []);
  useEffect(() => (wanted ? keepRead() : undefined), [wanted]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const letter = letterOf(event);
      if (letter === '?') setHelped(true);
      if (letter === 'n') void navigate({ to: '/submit' });
      if (letter === 'l') void navigate({ to: '/' });
      if (letter === 'i') void navigate({ to: '/inbox' });
      if (letter === 't') void navigate({ to: '/chat' });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          Longhaul
        </Link>
        <nav aria-label="Views">
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            Jobs
          </Link>
          <Link to="/submit" preload="intent">
            Submit
          </Link>
          <Link to="/inbox" preload="intent">
            Decide{!wanted && <WaitingCount key={who} />}
          </Link>
          <Link to="/chat" preload="intent">
            Chat
          </Link>
          <Link to="/library" preload="intent">
            Library
          </Link>
          <Link to="/spend" preload="intent">
            Spend
          </Link>
          <Link to="/system" preload="intent">
            System
          </Link>
        </nav>
        <div className="top-end">
          {present !== null && present.expiresAt !== null && !wanted && (
            <>
              <span className="quiet">{present.owner}</span>
              <button type="button" className="button button-small" onClick={() => void signOut()}>
                Sign out
              </button>
            </>
          )}
          <button type="button" className="button button-small" onClick={() => setHelped(true)}>
            Shortcuts
          </button>
        </div>
      </header>
      <OfflineNote />
      <main id="main">
        {wanted && <SignIn />}
        {/* What is being written outlives the session, for the one who wrote it. */}
        <Activity key={who} mode={wanted ? 'hidden' : 'visible'}>
          <Outlet />
        </Activity>
      </main>
      <footer className="bottom">
        <a href="/docs">API docs</a>
        <a href="/problems">Problems</a>
        <a href="/readyz">Readiness</a>
        <a href="/links">All addresses</a>
      </footer>
      {helped && <ShortcutsDialog onClose={() => setHelped(false)} />}
    </>
  );
}
