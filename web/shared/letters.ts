/** What letters are written into. The keyboard stays at a row's checkbox when it was clicked. */
const fields = 'input:not([type=checkbox]), textarea, select, [contenteditable]';

/** A letter that is pressed by itself, and not into a field or a dialog; null otherwise. */
export function letterOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  // What has the keyboard while a dialog is open may be outside of it.
  if (document.querySelector('dialog[open]') !== null) return null;
  const { target } = event;
  if (target instanceof HTMLElement && target.closest(fields)) return null;
  return event.key.length === 1 ? event.key : null;
}
