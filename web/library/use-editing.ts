import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { KindName } from './kinds.js';

interface Editing {
  editing: boolean;
  edit(): void;
  giveUp(): void;
  /** Shows what was saved, which is the latest version. */
  saved(): void;
}

/** Whether a thing of the library is edited in the place where it is read. */
export function useEditing(kind: KindName, id: string): Editing {
  const [editing, setEditing] = useState(false);
  const navigate = useNavigate();
  const giveUp = () => setEditing(false);
  const saved = () => {
    giveUp();
    // The form that is saved is not drawn away yet, and would ask.
    void navigate({ to: '/library/$kind/$id', params: { kind, id }, ignoreBlocker: true });
  };
  return { editing, edit: () => setEditing(true), giveUp, saved };
}
