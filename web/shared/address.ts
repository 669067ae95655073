import { useParams } from '@tanstack/react-router';

/** What the address says in place of `name`: of a job its id, of a form its type. */
export function useNameInAddress(name: 'id' | 'type'): string {
  const names = useParams({ strict: false }) as Partial<Record<string, string>>;
  return names[name] ?? '';
}
