import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePageTitle } from '../shared/page-title.js';
import { MissingPart } from '../shared/part.js';

/** In place of a view that did not come, or that failed. Nothing is reloaded unasked. */
export function BrokenView({ error }: ErrorComponentProps) {
  const router = useRouter();
  const isMissing = error instanceof MissingPart;
  usePageTitle('Not shown');
  useEffect(() => {
    if (!isMissing) return undefined;
    const again = () => void router.invalidate();
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, [isMissing, router]);
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">
        {isMissing ? 'This view could not be loaded' : 'This view could not be shown'}
      </p>
      <p>
        {isMissing
          ? 'Longhaul cannot be reached, or was upgraded since this page was opened. Jobs go on.'
          : String(error)}
      </p>
      <p className="row">
        <button type="button" className="button" onClick={() => void router.invalidate()}>
          Try again
        </button>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          Reload the page
        </button>
      </p>
    </div>
  );
}
