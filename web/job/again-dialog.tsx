import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Job } from '../../client/index.js';
import { rerun, retry } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { ConfirmDialog } from '../shared/confirm-dialog.js';
import { ProblemNote } from '../shared/problem-note.js';
import { ReusedSteps } from './reused-steps.js';
import { randomId } from '../shared/random-id.js';
import { money } from '../shared/shown.js';

interface Given {
  job: Job;
  how: 'retry' | 'rerun';
  onClose(): void;
  onDone(id: string): void;
}

const ways = {
  retry: { title: 'Retry this job?', act: 'Retry', deed: retry },
  rerun: { title: 'Run all of it again?', act: 'Run again', deed: rerun },
} as const;

/** A new job of an old one. It says before what is reused, and what that saves. */
export function AgainDialog({ job, how, onClose, onDone }: Given) {
  const { title, act, deed } = ways[how];
  const [key] = useState(randomId);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deed(job.id, key),
    onSuccess: ({ id }) => onDone(id),
  });
  const done = job.steps.filter(({ status }) => status === 'succeeded');
  return (
    <ConfirmDialog title={title} act={act} busy={isPending} onConfirm={mutate} onClose={onClose}>
      {how === 'retry' ? (
        <ReusedSteps job={job} steps={done} />
      ) : (
        <p>
          A new job does every step again, and reuses nothing. This one has cost {money(job.usage?.costUsd)}.
        </p>
      )}
      {error && <ProblemNote failure={toFailure(error)} />}
    </ConfirmDialog>
  );
}
