import { useEffect, useRef } from 'react';

const shortcuts = [
  ['j, k', 'the next job of the list, the one before'],
  ['Enter', 'open the job'],
  ['x', 'select the job'],
  ['c', 'cancel the job, or those that are selected'],
  ['r', 'retry it, or them'],
  ['l', 'the list of jobs'],
  ['n', 'submit a new job'],
  ['i', 'the inbox: what waits for a decision'],
  ['t', 'talk: the conversations'],
  ['?', 'these keys'],
] as const;

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="shortcuts" onClose={onClose}>
      <h2 id="shortcuts">Shortcuts</h2>
      <dl className="facts">
        {shortcuts.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" className="row row-end">
        <button type="submit" className="button">
          Close
        </button>
      </form>
    </dialog>
  );
}
