type State = 'up' | 'down' | 'unknown';

/** Since when things are as they are, as far as this process has seen. */
export class StateLog<Name extends string> {
  private readonly seen = new Map<Name, { state: State; since: string }>();

  /** What nobody can tell is no change. */
  note(name: Name, state: State): void {
    if (state === 'unknown' || this.seen.get(name)?.state === state) return;
    this.seen.set(name, { state, since: new Date().toISOString() });
  }

  /** Null for what was not looked at yet. */
  since(name: Name): string | null {
    return this.seen.get(name)?.since ?? null;
  }
}
