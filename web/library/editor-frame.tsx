import { type ShouldBlockFn, useBlocker } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import type { Failure } from '../../client/index.js';
import { ConfirmDialog } from '../shared/confirm-dialog.js';
import { ProblemNote } from '../shared/problem-note.js';

interface Given {
  label: string;
  /** The one that is saved. */
  version: number;
  saving: boolean;
  unchanged: boolean;
  failure: Failure | null;
  onSave(): void;
  onGiveUp(): void;
  children: React.ReactNode;
}

/** A form that saves what was edited, or not. Where somebody else was faster, what was written stays to be copied. */
export function EditorFrame(given: Given) {
  const { label, version, saving, unchanged, failure, onSave, onGiveUp, children } = given;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea')?.focus(), []);
  return (
    <>
      <form
        ref={form}
        className="panel"
        aria-label={label}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSave();
        }}
      >
        {children}
        {failure && (
          <ProblemNote failure={failure}>
            {failure.status === 412 && (
              <span>
                Your text is still here. Copy what you need of it, and edit the version that has come.
              </span>
            )}
          </ProblemNote>
        )}
        <p className="row row-end">
          <button type="button" className="button" onClick={onGiveUp}>
            Leave it as it was
          </button>
          <button type="submit" className="button button-main" disabled={saving || unchanged}>
            {saving ? 'Saving' : `Save as version ${version}`}
          </button>
        </p>
      </form>
      <LeaveDialog unsaved={!unchanged} onLeave={onGiveUp} />
    </>
  );
}

interface Leaving {
  unsaved: boolean;
  onLeave(): void;
}

/** Asks before a view is left whose text nobody has saved. A browser asks for itself where the page is left. */
function LeaveDialog({ unsaved, onLeave }: Leaving) {
  const proceed = useRef<(() => void) | undefined>(undefined);
  const shouldBlockFn = useCallback<ShouldBlockFn>(({ current, next }) => {
    const isElsewhere =
      next.pathname !== current.pathname || JSON.stringify(next.search) !== JSON.stringify(current.search);
    // Whoever goes back and then forward is here again. If that was asked about, "Not now" would reload the page.
    if (!isElsewhere) proceed.current?.();
    return isElsewhere;
  }, []);
  const left = useBlocker({
    ...{ shouldBlockFn, enableBeforeUnload: unsaved },
    ...{ disabled: !unsaved, withResolver: true },
  });
  useEffect(() => {
    proceed.current = left.proceed;
  }, [left.proceed]);
  if (left.status !== 'blocked') return null;
  return (
    <ConfirmDialog
      title="Leave without saving?"
      act="Leave"
      danger
      onConfirm={() => {
        left.proceed();
        // The next address may be drawn by the same view.
        onLeave();
      }}
      onClose={left.reset}
    >
      <p>What you wrote is not saved, and would be lost.</p>
    </ConfirmDialog>
  );
}
