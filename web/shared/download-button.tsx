import { useMutation } from '@tanstack/react-query';
import { client } from '../../client/client.gen.js';
import { ask, toFailure } from '../api/problem-error.js';

interface Given {
  url: string;
  query?: Record<string, unknown>;
  /** What the file is called where it is saved. */
  name: string;
  children: React.ReactNode;
}

/** In ms. So long a browser has to begin saving what was fetched. */
const keptMs = 60_000;

const security = [{ scheme: 'bearer', type: 'http' }] as const;

/** Fetched, and not opened: the browser sends no key with a link. */
async function save({ url, query, name }: Omit<Given, 'children'>): Promise<void> {
  const blob = await ask(client.get<{ 200: Blob }>({ url, query: query ?? {}, security, parseAs: 'blob' }));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Some browsers read it a little later.
  window.setTimeout(() => URL.revokeObjectURL(link.href), keptMs);
}

export function DownloadButton({ children, ...file }: Given) {
  const { mutate, isPending, error } = useMutation({ mutationFn: () => save(file) });
  return (
    <>
      <button type="button" className="button button-small" disabled={isPending} onClick={() => mutate()}>
        {isPending ? 'Downloading' : children}
      </button>
      {error && (
        <span className="wrong" role="alert">
          {toFailure(error).detail}
        </span>
      )}
    </>
  );
}
