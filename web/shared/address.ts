import { useParams } from '@tanstack/react-router';

/** What the address says in place of `name`: of a job its id, of a form its type, of a list of things their kind. */
export function useNameInAddress(name: 'id' | 'type' | 'kind'): string {
  const names = useParams({ strict: false }) as Partial<Record<string, string>>;
  return names[name] ?? '';
}
