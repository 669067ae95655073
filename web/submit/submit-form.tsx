import { useForm } from '@tanstack/react-form';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { type Failure, type JobRequest, type JobType, submitJob } from '../../client/index.js';
import { needsKey } from '../api/access.js';
import { ask, toFailure } from '../api/problem-error.js';
import { estimateQuery } from '../api/queries.js';
import { firstValue, type JsonSchema, resolved } from '../form/json-schema.js';
import { SchemaForm } from '../form/schema-form.js';
import { showWrong } from '../form/show-wrong.js';
import { underWay } from '../form/uploads.js';
import { useCell } from '../shared/cell.js';
import { CopyButton } from '../shared/copy-button.js';
import { submittingCode } from '../shared/client-code.js';
import { curl } from '../shared/curl.js';
import { ProblemNote } from '../shared/problem-note.js';
import { randomId } from '../shared/random-id.js';
import { isRecord } from '../shared/value-view.js';
import { budgetSchema, othersSchema, type Wish, withWishes } from './budget.js';
import { keepInput, lastInputs } from '../shared/last-inputs.js';
import { Estimate } from './estimate.js';
import { Templates } from './templates.js';

const noWish: Wish = {};

const modelOf = (input: unknown): string | undefined =>
  isRecord(input) && typeof input['model'] === 'string' && input['model'] !== '' ? input['model'] : undefined;

/** Null where the answer is no job: the request was only checked. */
async function submit(request: JobRequest, idempotencyKey: string): Promise<string | null> {
  const job = await ask(submitJob({ body: request, headers: { 'idempotency-key': idempotencyKey } }));
  return 'id' in job ? job.id : null;
}

/** A job type's own form, made from the schema that the API checks with. */
export function SubmitForm({ type }: { type: JobType }) {
  const schema = type.input as JsonSchema;
  const { properties = {}, ...whole } = resolved(schema, schema);
  const { data: estimate } = useQuery(estimateQuery(type.name));
  const { model: modelField, ...others } = properties;
  // Chosen beside the form, where it is said what it costs.
  const shown: JsonSchema =
    estimate && modelField ? { $defs: schema.$defs ?? {}, ...whole, properties: others } : schema;
  const navigate = useNavigate();
  const [failure, setFailure] = useState<Failure | null>(null);
  // Some fields keep what is being written: another template is another form.
  const [edition, setEdition] = useState(0);
  const sent = useRef({ text: '', key: '' });
  // A job that began now would be without the files that are on their way.
  const isUploading = useCell(underWay) > 0;

  const requestOf = ({ input, wishes }: { input: unknown; wishes: Wish }) =>
    withWishes({ type: type.name, input }, wishes) as JobRequest;
  const form = useForm({
    defaultValues: { input: firstValue(schema, schema), wishes: noWish },
    onSubmit: async ({ value }) => {
      const request = requestOf(value);
      const text = JSON.stringify(request);
      // The same request again, by a second click or after a lost answer, is the same job.
      if (sent.current.text !== text) sent.current = { text, key: randomId() };
      try {
        const id = await submit(request, sent.current.key);
        keepInput(type.name, value.input);
        if (id !== null) await navigate({ to: '/jobs/$id', params: { id } });
      } catch (error) {
        setFailure(toFailure(error));
      }
    },
  });
  const take = (input: unknown) => {
    form.setFieldValue('input', input);
    setEdition(edition + 1);
    setFailure(null);
  };
  const drawn = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (failure) showWrong(drawn.current);
  }, [failure]);
  const errors = failure?.errors ?? [];
  return (
    <form
      ref={drawn}
      className="submit beside"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.handleSubmit();
      }}
    >
      <div className="beside-main">
        <Templates example={type.example} last={lastInputs(type.name)} onTake={take} />
        <div className="panel">
          <form.Field name="input">
            {(field) => (
              <SchemaForm
                key={edition}
                schema={shown}
                value={field.state.value}
                onChange={field.handleChange}
                at="/input"
                errors={errors}
              />
            )}
          </form.Field>
        </div>
        <details className="panel">
          <summary>
            <h2>Tags and time</h2>
          </summary>
          <form.Field name="wishes">
            {(field) => (
              <SchemaForm
                schema={othersSchema}
                value={field.state.value}
                onChange={(change) => field.handleChange((before) => change(before) as Wish)}
                at=""
                errors={errors}
              />
            )}
          </form.Field>
        </details>
        {failure && <ProblemNote failure={failure} />}
        <p className="row row-end">
          <CopyButton
            text={() => curl('/v1/jobs', { body: requestOf(form.state.values), withKey: needsKey() })}
          >
            Copy as curl
          </CopyButton>
          <CopyButton text={() => submittingCode(requestOf(form.state.values), { withKey: needsKey() })}>
            Copy as code
          </CopyButton>
          <form.Subscribe selector={({ isSubmitting }) => isSubmitting}>
            {(isSubmitting) => (
              <button type="submit" className="button button-main" disabled={isSubmitting || isUploading}>
                {isSubmitting ? 'Submitting' : isUploading ? 'Uploading' : 'Submit'}
              </button>
            )}
          </form.Subscribe>
        </p>
      </div>
      <form.Subscribe selector={({ values }) => values}>
        {({ input, wishes }) => (
          <Estimate
            estimate={estimate}
            model={modelOf(input)}
            onModel={
              modelField &&
              ((model) => {
                const { model: _, ...rest } = isRecord(input) ? input : {};
                form.setFieldValue('input', model === undefined ? rest : { ...rest, model });
              })
            }
            budget={wishes.budget?.maxCostUsd}
          >
            <SchemaForm
              schema={budgetSchema}
              value={wishes}
              onChange={(change) => form.setFieldValue('wishes', (before) => change(before) as Wish)}
              at=""
              // What is wrong with the whole request stands at the other wishes.
              errors={errors.filter(({ pointer }) => pointer !== '')}
            />
          </Estimate>
        )}
      </form.Subscribe>
    </form>
  );
}
