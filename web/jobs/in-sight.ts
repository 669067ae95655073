import { useEffect, useState } from 'react';

/** What will soon be in sight counts, too. */
const margin = '300px';
const waiting = new Map<Element, () => void>();
let observer: IntersectionObserver | undefined;

const look = (entries: readonly IntersectionObserverEntry[]) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    waiting.get(target)?.();
    waiting.delete(target);
    observer?.unobserve(target);
  }
};

/**
 * Whether an element has been in sight. Of a long list, only what somebody looks at is asked for.
 * @param wanted false where nobody asks: then nothing is watched, and nothing drawn again
 */
export function useSeen(wanted: boolean): [ref: (element: Element | null) => void, seen: boolean] {
  const [element, setElement] = useState<Element | null>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!wanted || element === null || seen) return undefined;
    observer ??= new IntersectionObserver(look, { rootMargin: margin });
    waiting.set(element, () => setSeen(true));
    observer.observe(element);
    return () => {
      waiting.delete(element);
      observer?.unobserve(element);
    };
  }, [element, seen, wanted]);
  return [setElement, seen];
}
