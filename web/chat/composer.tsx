import { type RefObject, useId } from 'react';

interface Given {
  text: string;
  onText(text: string): void;
  onSend(): void;
  busy: boolean;
  /** Whether nothing can be sent for now; the hint says why. */
  held?: boolean;
  hint: string;
  field?: RefObject<HTMLTextAreaElement | null>;
  children?: React.ReactNode;
}

const mostRows = 12;

/** Where a message is written. Enter sends it, with Shift it begins a line. */
export function Composer({ text, onText, onSend, busy, held, hint, field, children }: Given) {
  const id = useId();
  const canSend = !busy && !held && text.trim() !== '';
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        Message
      </label>
      <textarea
        id={id}
        ref={field}
        rows={Math.min(mostRows, Math.max(2, text.split('\n').length))}
        value={text}
        placeholder="Write a message"
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onText(target.value)}
        onKeyDown={(event) => {
          // Who writes by an input method ends a word with Enter, too.
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="row row-between">
        <p id={`${id}-hint`} className="quiet">
          {hint}
        </p>
        <span className="row">
          {children}
          <button type="submit" className="button button-main" disabled={!canSend}>
            {busy ? 'Sending' : 'Send'}
          </button>
        </span>
      </div>
    </form>
  );
}
