import { useRef, useState } from 'react';
import type { ControlGiven } from './controls.js';
import { FileEntry } from './file-entry.js';
import { useUploads } from './uploads.js';

/** One file: the next one that is chosen takes its place. */
export function FileControl(given: ControlGiven) {
  const { value, onChange } = given;
  return (
    <FilesChooser
      {...given}
      several={false}
      ids={typeof value === 'string' && value !== '' ? [value] : []}
      onIds={([id]) => onChange(id)}
    />
  );
}

/** Several files. */
export function FilesControl(given: ControlGiven) {
  const { value, onChange, required } = given;
  return (
    <FilesChooser
      {...given}
      several
      ids={Array.isArray(value) ? value.map(String) : []}
      onIds={(ids) => onChange(ids.length === 0 && !required ? undefined : ids)}
    />
  );
}

interface ChooserGiven extends ControlGiven {
  several: boolean;
  ids: readonly string[];
  onIds(ids: string[]): void;
}

function FilesChooser({ id, describedBy, invalid, several, ids, onIds }: ChooserGiven) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const { entries, add, again, remove } = useUploads({ ids, several, onChange: onIds });
  const arrived = entries.filter((entry) => entry.id !== null).length;
  const choose = entries.length === 0 || several ? 'Choose' : 'Choose another';
  return (
    <div
      className={over ? 'files files-over' : 'files'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add([...event.dataTransfer.files]);
      }}
    >
      {entries.length > 0 && (
        <ul className="files-list">
          {entries.map((entry) => (
            <FileEntry
              key={entry.key}
              entry={entry}
              onAgain={() => again(entry)}
              onRemove={() => {
                remove(entry);
                // What was clicked is gone, and the keyboard goes on from here.
                input.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <p className="row">
        <input
          ref={input}
          id={id}
          type="file"
          className="visually-hidden"
          multiple={several}
          aria-invalid={invalid}
          aria-describedby={describedBy}
          onChange={({ target }) => {
            add([...(target.files ?? [])]);
            // The same file chosen again is a change, too.
            target.value = '';
          }}
        />
        <label htmlFor={id} className="button">
          {choose} {several ? 'files' : entries.length === 0 ? 'a file' : 'file'}
        </label>
        <span className="quiet">or drop {several ? 'them' : 'it'} here</span>
      </p>
      <p className="visually-hidden" role="status">
        {entries.length > 0 && `${arrived} of ${entries.length} uploaded`}
      </p>
    </div>
  );
}
