import { type RefObject, useEffect } from 'react';
import { letterOf } from './letters.js';

/** j and k go through what `data-row` marks; the browser opens it with Enter. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const letter = letterOf(event);
      if (letter !== 'j' && letter !== 'k') return;
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
      const at = rows.findIndex((row) => row === document.activeElement);
      const next = at === -1 ? 0 : Math.min(Math.max(at + (letter === 'j' ? 1 : -1), 0), rows.length - 1);
      rows[next]?.focus();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [list]);
}
