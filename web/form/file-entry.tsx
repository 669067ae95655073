import { useQuery } from '@tanstack/react-query';
import { fileQuery } from '../api/files.js';
import { bytes } from '../shared/shown.js';
import type { Entry } from './uploads.js';

interface Given {
  entry: Entry;
  onAgain(): void;
  onRemove(): void;
}

/** A file of a field: its name, and how far it is or what became of it. */
export function FileEntry({ entry, onAgain, onRemove }: Given) {
  const { file, id, sent, failure } = entry;
  // One that the field was filled with has no name here, and may be gone.
  const { data: stored } = useQuery({ ...fileQuery(id ?? ''), enabled: id !== null && file === null });
  const name = file?.name ?? stored?.name ?? id ?? 'file';
  const size = file?.size ?? stored?.size;
  const isGone = stored === null;
  return (
    <li className={failure || isGone ? 'file file-wrong' : 'file'}>
      <span className="file-name">{name}</span>
      <span className="quiet">{size === undefined ? '' : bytes(size)}</span>
      {failure?.retryable && file && (
        <button
          type="button"
          className="button button-small"
          aria-label={`Try again: ${name}`}
          onClick={onAgain}
        >
          Try again
        </button>
      )}
      <button type="button" className="button button-small" aria-label={`Remove ${name}`} onClick={onRemove}>
        Remove
      </button>
      {id === null && !failure && <progress value={sent} max={1} aria-label={`Uploading ${name}`} />}
      {failure && (
        <p className="wrong" role="alert">
          {failure.title}. {failure.detail}{' '}
          {failure.type.startsWith('/problems/') && <a href={failure.type}>What to do</a>}
        </p>
      )}
      {isGone && <p className="wrong">This file is not there any more: choose it again.</p>}
    </li>
  );
}
