/** In this browser only: the API does not give the input of a job back. */
const slot = (type: string) => `longhaul.inputs.${type}`;
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
