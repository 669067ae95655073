import { useRef } from 'react';
import type { StoryLine } from '../../client/index.js';
import { EditedField } from './edited-field.js';

interface Given {
  lines: readonly StoryLine[];
  onChange(lines: StoryLine[]): void;
  /** What the API says is wrong at a pointer within the lines. */
  wrongAt(pointer: string): string | undefined;
}

/** What people say, one after the other. */
export function LinesEditor({ lines, onChange, wrongAt }: Given) {
  const put = (place: number, line: StoryLine) =>
    onChange(lines.map((one, index) => (index === place ? line : one)));
  const add = useRef<HTMLButtonElement>(null);
  const remove = (place: number) => {
    // The button of the last line goes with it, and the only line has none.
    if (place === lines.length - 1 || lines.length === 2) add.current?.focus();
    onChange(lines.filter((_, index) => index !== place));
  };
  return (
    <>
      {lines.map((one, index) => {
        const { actor, line } = one;
        return (
          <div key={index} className="line-edit">
            <EditedField
              name={`Who says line ${index + 1}`}
              value={actor}
              wrong={wrongAt(`/${index}/actor`)}
              onChange={(value) => put(index, { ...one, actor: value })}
            />
            <EditedField
              name={`Line ${index + 1}`}
              rows={2}
              value={line}
              wrong={wrongAt(`/${index}/line`)}
              onChange={(value) => put(index, { ...one, line: value })}
            />
            {lines.length > 1 && (
              <button type="button" className="button button-small" onClick={() => remove(index)}>
                Remove<span className="visually-hidden"> line {index + 1}</span>
              </button>
            )}
          </div>
        );
      })}
      <button
        ref={add}
        type="button"
        className="button button-small"
        onClick={() => onChange([...lines, { actor: lines.at(-1)?.actor ?? '', line: '' }])}
      >
        Add a line
      </button>
    </>
  );
}
