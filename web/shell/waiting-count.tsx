import { mostWaiting, useWaiting } from '../api/waiting.js';

/** How many jobs wait for a person; nothing while none does. */
export function WaitingCount() {
  const waiting = useWaiting()?.length ?? 0;
  if (waiting === 0) return null;
  return (
    <>
      {' '}
      <span className="count-badge">
        {waiting}
        {waiting === mostWaiting && '+'}
        <span className="visually-hidden"> waiting</span>
      </span>
    </>
  );
}
