import { useState } from 'react';

const thanksMs = 2_000;

/** Copies what `text` gives at the time of the click. */
export function CopyButton({ text, children }: { text: () => string; children: React.ReactNode }) {
  const [said, say] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      say('Copied');
    } catch {
      // The browser forbids it: over plain http on another machine, or because somebody said so.
      say('The browser does not let this page copy');
    }
    window.setTimeout(() => say(null), thanksMs);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? children}</span>
    </button>
  );
}
