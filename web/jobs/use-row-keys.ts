import { type RefObject, useEffect } from 'react';
import { letterOf } from '../shared/letters.js';

const linksIn = (table: HTMLElement | null): HTMLElement[] => [
  ...(table?.querySelectorAll<HTMLElement>('a[data-job]') ?? []),
];

/** The row with the keyboard: its link has it, or something else of the row. */
const presentIn = (links: readonly HTMLElement[]): HTMLElement | undefined => {
  const row = document.activeElement?.closest('.job-row');
  return row ? links.find((link) => row.contains(link)) : undefined;
};

export type Pressed = (letter: string, id: string | undefined) => void;

/** j and k go through the rows. Every other letter is about the row that has the keyboard. */
export function useRowKeys(table: RefObject<HTMLElement | null>, onLetter: Pressed): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const letter = letterOf(event);
      if (letter === null) return;
      const links = linksIn(table.current);
      const present = presentIn(links);
      const at = present ? links.indexOf(present) : -1;
      if (letter === 'j') links[Math.min(at + 1, links.length - 1)]?.focus();
      else if (letter === 'k') links[Math.max(at - 1, 0)]?.focus();
      else onLetter(letter, present?.dataset['job']);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [table, onLetter]);
}
