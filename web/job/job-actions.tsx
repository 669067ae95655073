import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Job } from '../../client/index.js';
import { needsKey } from '../api/access.js';
import { CopyButton } from '../shared/copy-button.js';
import { followingCode } from '../shared/client-code.js';
import { curl } from '../shared/curl.js';
import { letterOf } from '../shared/letters.js';
import { CancelDialog } from './cancel-dialog.js';
import { ForkDialog } from './fork-dialog.js';
import { AgainDialog } from './again-dialog.js';

type Asked = 'cancel' | 'retry' | 'rerun' | 'fork' | null;

/** What can be done with a job. A final one never changes: what is done again is a new job. */
export function JobActions({ job }: { job: Job }) {
  const [asked, setAsked] = useState<Asked>(null);
  const navigate = useNavigate();
  const close = () => setAsked(null);
  const open = (id: string) => {
    close();
    void navigate({ to: '/jobs/$id', params: { id } });
  };
  const retryable = job.done && job.status !== 'succeeded';
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const letter = letterOf(event);
      if (letter === 'c' && !job.done) setAsked('cancel');
      if (letter === 'r' && retryable) setAsked('retry');
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [job.done, retryable]);
  return (
    <div className="row">
      {!job.done && (
        <button type="button" className="button button-danger" onClick={() => setAsked('cancel')}>
          Cancel
        </button>
      )}
      {retryable && (
        <button type="button" className="button button-main" onClick={() => setAsked('retry')}>
          Retry
        </button>
      )}
      {job.done && (
        <>
          <button type="button" className="button" onClick={() => setAsked('rerun')}>
            Run again
          </button>
          <button type="button" className="button" onClick={() => setAsked('fork')}>
            Fork
          </button>
        </>
      )}
      <CopyButton text={() => curl(`/v1/jobs/${job.id}`, { withKey: needsKey() })}>Copy as curl</CopyButton>
      <CopyButton text={() => followingCode(job.id, { withKey: needsKey() })}>Copy as code</CopyButton>
      {job.links.temporalUi !== null && (
        <a className="button" href={job.links.temporalUi} target="_blank" rel="noreferrer">
          Temporal UI
        </a>
      )}
      {asked === 'cancel' && <CancelDialog job={job} onClose={close} />}
      {(asked === 'retry' || asked === 'rerun') && (
        <AgainDialog job={job} how={asked} onClose={close} onDone={open} />
      )}
      {asked === 'fork' && <ForkDialog job={job} onClose={close} onDone={open} />}
    </div>
  );
}
