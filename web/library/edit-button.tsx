import { useEffect, useRef } from 'react';

interface Given {
  editing: boolean;
  onEdit(): void;
  children: React.ReactNode;
}

/** Opens a form. When the form is gone, the keyboard is back here. */
export function EditButton({ editing, onEdit, children }: Given) {
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !editing) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  return editing ? null : (
    <button ref={button} type="button" className="button button-small" onClick={onEdit}>
      {children}
    </button>
  );
}
