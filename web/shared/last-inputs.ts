/** In this browser only: the API does not give the input of a job back. */
const prefix = 'longhaul.inputs.';
const slot = (type: string) => `${prefix}${type}`;
const mostKept = 5;

export function lastInputs(type: string): unknown[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(slot(type)) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    // Somebody else wrote there.
    return [];
  }
}

export function keepInput(type: string, input: unknown): void {
  const text = JSON.stringify(input);
  const others = lastInputs(type).filter((one) => JSON.stringify(one) !== text);
  try {
    localStorage.setItem(slot(type), JSON.stringify([input, ...others].slice(0, mostKept)));
  } catch {
    // The browser's room is used up, and a template less is no loss.
    localStorage.removeItem(slot(type));
  }
}

/** Of every type: whoever comes next at this browser is not shown what was asked before. To be called at signing out. */
export function forgetInputs(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name);
}
