/** Gives the keyboard to the first field that was refused: it may be far up, or folded away. */
export function showWrong(form: HTMLElement | null): void {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"], .wrong-as-whole');
  for (let fold = field?.closest('details'); fold; fold = fold.parentElement?.closest('details')) {
    fold.open = true;
  }
  field?.focus();
}
