import { createContext, useEffect, useState } from 'react';

/** What will soon be in sight counts, too. */
const margin = '300px';
const watched = new Map<Element, (isIntersecting: boolean) => void>();
let observer: IntersectionObserver | undefined;

const look = (entries: readonly IntersectionObserverEntry[]) => {
  for (const { target, isIntersecting } of entries) watched.get(target)?.(isIntersecting);
};

export interface Sight {
  inSight: boolean;
  /** Whether it has been in sight, now or before. */
  seen: boolean;
}

const unseen: Sight = { inSight: false, seen: false };

/** Whether an element is in sight. Of a long list, only what somebody looks at is asked for and has clocks. */
export function useSight(): [ref: (element: Element | null) => void, sight: Sight] {
  const [element, setElement] = useState<Element | null>(null);
  const [sight, setSight] = useState(unseen);
  useEffect(() => {
    if (element === null) return undefined;
    observer ??= new IntersectionObserver(look, { rootMargin: margin });
    watched.set(element, (inSight) => setSight(({ seen }) => ({ inSight, seen: seen || inSight })));
    observer.observe(element);
    return () => {
      watched.delete(element);
      observer?.unobserve(element);
    };
  }, [element]);
  return [setElement, sight];
}

/** Whether the rows around it are in sight. */
export const InSight = createContext(false);
