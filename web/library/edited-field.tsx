import { useId } from 'react';

interface Given {
  name: string;
  value: string;
  /** What the API says is wrong with it. */
  wrong: string | undefined;
  /** Of a text of many lines; one line when left out. */
  rows?: number;
  /** Written in signs of one width. */
  code?: boolean;
  onChange(value: string): void;
}

/** A text of one's own in the place of what stands there. */
export function EditedField({ name, value, wrong, rows, code = false, onChange }: Given) {
  const id = useId();
  const field = {
    ...{ id, value, 'aria-invalid': wrong !== undefined, 'aria-describedby': `${id}-wrong` },
    onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
  };
  return (
    <div className={wrong ? 'field field-wrong' : 'field'}>
      <label htmlFor={id}>{name}</label>
      {rows === undefined ? (
        <input {...field} />
      ) : (
        <textarea {...field} rows={rows} className={code ? 'code' : undefined} />
      )}
      <p id={`${id}-wrong`} className="wrong">
        {wrong}
      </p>
    </div>
  );
}
