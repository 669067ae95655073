import type { LRUCache } from 'lru-cache';

/**
 * Keeps a thing, or keeps it under another weight than before. The one that came last stays whatever it weighs. A cache
 * by itself weighs a thing only when it comes in, and takes none that is heavier than all it may keep.
 */
export function keep<Key extends {}, Value extends {}>(
  cache: LRUCache<Key, Value>,
  key: Key,
  { value, weight }: { value: Value; weight: number },
): void {
  cache.delete(key);
  cache.set(key, value, { size: Math.min(Math.max(weight, 1), cache.maxSize) });
}
