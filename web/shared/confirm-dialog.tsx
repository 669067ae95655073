import { useId, useLayoutEffect, useRef } from 'react';

interface Confirm {
  title: string;
  /** What the button says that does it. */
  act: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm(): void;
  onClose(): void;
  children: React.ReactNode;
}

/**
 * Asks before something happens that cannot be taken back. The browser keeps the keyboard inside, and gives it back
 * to what had it.
 */
export function ConfirmDialog({ title, act, danger, busy, onConfirm, onClose, children }: Confirm) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // If it was taken away while it is open, the keyboard would be nowhere. If it stayed open in a view that is hidden,
    // nothing else of the page could be used.
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={({ currentTarget }) => {
        // A view that is shown again has opened it again.
        if (!currentTarget.open) onClose();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        <p className="row row-end">
          <button type="button" className="button" onClick={onClose}>
            Not now
          </button>
          <button
            type="submit"
            className={danger ? 'button button-danger' : 'button button-main'}
            disabled={busy}
          >
            {act}
          </button>
        </p>
      </form>
    </dialog>
  );
}
