interface Kept<Value> {
  value: Value;
  weight: number;
}

/** Keeps things up to a number and a total weight; what was not used for longest is let go first. */
export class RecentlyUsed<Key, Value> {
  private readonly kept = new Map<Key, Kept<Value>>();
  private weight = 0;

  constructor(private readonly most: { count: number; weight: number }) {}

  /** Without it counting as a use. */
  peek(key: Key): Value | undefined {
    return this.kept.get(key)?.value;
  }

  use(key: Key): Value | undefined {
    const found = this.kept.get(key);
    if (!found) return undefined;
    this.kept.delete(key);
    this.kept.set(key, found);
    return found.value;
  }

  add(key: Key, value: Value, { weight }: { weight: number }): void {
    this.drop(key);
    this.kept.set(key, { value, weight });
    this.weight += weight;
    this.letGo();
  }

  /** Of what weighs something else by now; nothing happens when it was let go. */
  weigh(key: Key, weight: number): void {
    const found = this.kept.get(key);
    if (!found) return;
    this.weight += weight - found.weight;
    found.weight = weight;
    this.letGo();
  }

  *values(): Generator<Value> {
    for (const { value } of this.kept.values()) yield value;
  }

  /** The newest one stays, whatever it weighs. */
  private letGo(): void {
    for (const oldest of this.kept.keys()) {
      const fits = this.kept.size <= this.most.count && this.weight <= this.most.weight;
      if (fits || this.kept.size === 1) return;
      this.drop(oldest);
    }
  }

  private drop(key: Key): void {
    this.weight -= this.kept.get(key)?.weight ?? 0;
    this.kept.delete(key);
  }
}
