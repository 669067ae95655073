import type { Failure } from '../../client/index.js';
import { ProblemNote } from '../shared/problem-note.js';

interface Given {
  /** The one that is saved. */
  version: number;
  saving: boolean;
  unchanged: boolean;
  failure: Failure | null;
  onGiveUp(): void;
}

/** Saves what was edited, or not. Where somebody else was faster, what was written stays to be copied. */
export function SaveRow({ version, saving, unchanged, failure, onGiveUp }: Given) {
  return (
    <>
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
    </>
  );
}
