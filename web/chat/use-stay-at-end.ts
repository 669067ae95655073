import { useEffect, useRef } from 'react';

/** Pixels from the end within which somebody reads along. */
const near = 120;

const isAtEnd = (): boolean => {
  const { scrollHeight } = document.documentElement;
  return window.scrollY + window.innerHeight >= scrollHeight - near;
};

/** Whoever reads at the end of the page stays there while it grows; whoever has gone up is left in peace. */
export function useStayAtEnd(): void {
  const stays = useRef(true);
  useEffect(() => {
    const look = () => {
      stays.current = isAtEnd();
    };
    const grown = new ResizeObserver(() => {
      if (stays.current) window.scrollTo({ top: document.documentElement.scrollHeight });
    });
    window.addEventListener('scroll', look, { passive: true });
    grown.observe(document.body);
    return () => {
      window.removeEventListener('scroll', look);
      grown.disconnect();
    };
  }, []);
}
