/** A letter that is pressed by itself, and not into a field or a dialog; null otherwise. */
export function letterOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const { target } = event;
  if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [contenteditable]'))
    return null;
  return event.key.length === 1 ? event.key : null;
}
