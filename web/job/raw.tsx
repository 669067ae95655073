import { useState } from 'react';
import type { Job } from '../../client/index.js';

/** The job as the API says it. Made when it is looked at: a result can be long. */
export function Raw({ job }: { job: Job }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="panel" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>Raw JSON</h2>
      </summary>
      {open && (
        <pre className="raw">
          <code>{JSON.stringify(job, null, 2)}</code>
        </pre>
      )}
    </details>
  );
}
