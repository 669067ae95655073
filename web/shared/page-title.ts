import { useEffect } from 'react';

/** What the tab says, while the view is there. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Longhaul`;
    return () => {
      document.title = 'Longhaul';
    };
  }, [title]);
}
