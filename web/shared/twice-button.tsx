import { useEffect, useState } from 'react';

/** In ms. So long the second click is waited for. */
const waitMs = 5_000;

interface Given {
  /** What is done, for those who do not see what the button stands beside. */
  label: string;
  children: React.ReactNode;
  /** What the button says when it was clicked once. */
  again: string;
  busy?: boolean;
  onTwice(): void;
}

/** Does at the second click what cannot be taken back. Whoever goes away or waits has changed their mind. */
export function TwiceButton({ label, children, again, busy, onTwice }: Given) {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return undefined;
    const timer = window.setTimeout(() => setAsked(false), waitMs);
    return () => window.clearTimeout(timer);
  }, [asked]);
  return (
    <button
      type="button"
      className={asked ? 'button button-small button-danger' : 'button button-small'}
      aria-label={asked ? `${again} ${label}` : label}
      disabled={busy}
      onBlur={() => setAsked(false)}
      onClick={({ detail }) => {
        // The second click of a double click answers a question that nobody has read.
        if (detail > 1) return;
        if (asked) onTwice();
        setAsked(!asked);
      }}
    >
      {asked ? again : children}
    </button>
  );
}
