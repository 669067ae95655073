import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Job } from '../../client/index.js';
import { answer } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { SchemaForm } from '../form/schema-form.js';
import { underWay } from '../form/uploads.js';
import { useCell } from '../shared/cell.js';
import { fitting, type JsonSchema } from '../form/json-schema.js';
import { ProblemNote } from '../shared/problem-note.js';
import { sentenceCase, time, words } from '../shared/shown.js';
import { ValueView } from '../shared/value-view.js';

interface Given {
  job: string;
  wait: Job['waitingFor'][number];
}

/** What a job asks a person: what there is to decide on, and the form of an answer, filled with the proposal. */
export function WaitForm({ job, wait }: Given) {
  const schema = wait.schema as JsonSchema;
  const [value, setValue] = useState<unknown>(() => fitting(schema, wait.data));
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => answer(job, { name: wait.name, id: wait.id, value }),
  });
  const failure = error ? toFailure(error) : null;
  const isUploading = useCell(underWay) > 0;
  return (
    <form
      className="panel panel-asks"
      aria-label={`Answer: ${words(wait.name)}`}
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <h2>{sentenceCase(words(wait.name))}: the job waits for you</h2>
      <p className="quiet">Until {time(wait.expiresAt)}.</p>
      {wait.data !== null && (
        <details>
          <summary>What there is to decide on</summary>
          <ValueView value={wait.data} />
        </details>
      )}
      <SchemaForm
        schema={schema}
        value={value}
        onChange={setValue}
        at="/value"
        errors={failure?.errors ?? []}
      />
      {failure && <ProblemNote failure={failure} />}
      <p className="row row-end">
        <button type="submit" className="button button-main" disabled={isPending || isUploading}>
          Send the answer
        </button>
      </p>
    </form>
  );
}
