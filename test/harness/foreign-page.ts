import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '../../client/client/index.js';
import { useJob } from '../../client/react/use-job.js';

/** What the page finds in its address, behind the `#`. */
const given = new URLSearchParams((globalThis as unknown as { location: Location }).location.hash.slice(1));
const id = given.get('job') ?? '';
const client = createClient({ baseUrl: given.get('api') ?? '', auth: () => given.get('token') ?? undefined });

interface Location {
  hash: string;
}

/** One of several views of the same job. */
function JobLine({ name }: { name: string }) {
  const { job, text, error, connection, cancel } = useJob(id, { client });
  return createElement(
    'section',
    { id: name },
    createElement('p', { className: 'status' }, job?.status ?? 'unread'),
    createElement('p', { className: 'text' }, text),
    createElement('p', { className: 'error' }, error?.code ?? 'none'),
    createElement('p', { className: 'connection' }, connection),
    createElement('button', { type: 'button', onClick: () => void cancel('seen enough') }, 'Stop'),
  );
}

const { document } = globalThis as unknown as { document: { getElementById(name: string): Element } };
const views = ['first', 'second'].map((name) => createElement(JobLine, { key: name, name }));
createRoot(document.getElementById('root')).render(views);
