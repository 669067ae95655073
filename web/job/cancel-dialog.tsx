import { useMutation } from '@tanstack/react-query';
import { cancel } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { ConfirmDialog } from '../shared/confirm-dialog.js';
import { ProblemNote } from '../shared/problem-note.js';

interface Given {
  job: { id: string };
  onClose(): void;
}

export function CancelDialog({ job, onClose }: Given) {
  const { mutate, isPending, error } = useMutation({ mutationFn: () => cancel(job.id), onSuccess: onClose });
  return (
    <ConfirmDialog
      title="Stop this job?"
      act="Stop it"
      danger
      busy={isPending}
      onConfirm={mutate}
      onClose={onClose}
    >
      <p>The model is cut off, and what it has said so far is kept. What was spent is spent.</p>
      {error && <ProblemNote failure={toFailure(error)} />}
    </ConfirmDialog>
  );
}
