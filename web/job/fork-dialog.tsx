import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Job } from '../../client/index.js';
import { fork } from '../api/deeds.js';
import { estimateQuery, jobTypesQuery } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import { ConfirmDialog } from '../shared/confirm-dialog.js';
import { ProblemNote } from '../shared/problem-note.js';
import { randomId } from '../shared/random-id.js';
import { ReusedSteps } from './reused-steps.js';

interface Given {
  job: Job;
  onClose(): void;
  onDone(id: string): void;
}

/** A new job that begins at a step of this one, by another model if wanted. */
export function ForkDialog({ job, onClose, onDone }: Given) {
  const [fromStep, setFromStep] = useState(job.steps[0]?.name ?? '');
  const [model, setModel] = useState('');
  const [stepField, modelField] = [useId(), useId()];
  const { data: types } = useQuery(jobTypesQuery);
  const { data: estimate } = useQuery(estimateQuery(types?.find(({ name }) => name === job.type)?.name));
  const models = estimate?.models ?? [];
  const body = model === '' ? { fromStep } : { fromStep, model };
  // Another body is another wish.
  const [key, setKey] = useState(randomId);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => fork(job.id, { key, body }),
    onSuccess: ({ id }) => onDone(id),
  });
  const changed = () => {
    setKey(randomId());
    reset();
  };
  const first = job.steps.findIndex(({ name }) => name === fromStep);
  const reused = job.steps.slice(0, first).filter(({ status }) => status === 'succeeded');
  return (
    <ConfirmDialog
      title="Begin again from a step"
      act="Fork"
      busy={isPending}
      onConfirm={mutate}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={stepField}>First step that is done again</label>
        <select
          id={stepField}
          value={fromStep}
          onChange={({ target }) => {
            setFromStep(target.value);
            changed();
          }}
        >
          {job.steps.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </div>
      {models.length > 0 && (
        <div className="field">
          <label htmlFor={modelField}>Model</label>
          <select
            id={modelField}
            value={model}
            onChange={({ target }) => {
              setModel(target.value);
              changed();
            }}
          >
            <option value="">The same</option>
            {models.map(({ model: name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      <ReusedSteps job={job} steps={reused} />
      {error && <ProblemNote failure={toFailure(error)} />}
    </ConfirmDialog>
  );
}
