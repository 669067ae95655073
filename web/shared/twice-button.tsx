import { useEffect, useLayoutEffect, useRef, useState } from 'react';

/** In ms. So long the second click is waited for. */
const waitMs = 5_000;

/** What goes takes its button along, and the keyboard goes on at the next one of its kind. */
function giveToNeighbour(button: HTMLElement): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-twice]')];
  const at = all.indexOf(button);
  if (at !== -1) (all[at + 1] ?? all[at - 1])?.focus();
}

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
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const drawn = button.current;
    return () => {
      if (drawn !== null && document.activeElement === drawn) giveToNeighbour(drawn);
    };
  }, []);
  useEffect(() => {
    if (!asked) return undefined;
    const timer = window.setTimeout(() => setAsked(false), waitMs);
    return () => window.clearTimeout(timer);
  }, [asked]);
  return (
    <button
      ref={button}
      data-twice
      type="button"
      className={asked ? 'button button-small button-danger' : 'button button-small'}
      aria-label={asked ? `${again} ${label}` : label}
      // One that is disabled would lose the keyboard.
      aria-disabled={busy}
      onBlur={() => setAsked(false)}
      onClick={({ detail }) => {
        // The second click of a double click answers a question that nobody has read.
        if (busy || detail > 1) return;
        if (asked) onTwice();
        setAsked(!asked);
      }}
    >
      {asked ? again : children}
    </button>
  );
}
