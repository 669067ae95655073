import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Job } from '../../client/index.js';
import { answer } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { readAgain } from '../api/read-again.js';
import type { JsonSchema } from '../form/json-schema.js';
import { showWrong } from '../form/show-wrong.js';
import { underWay } from '../form/uploads.js';
import { useCell } from '../shared/cell.js';
import { ProblemNote } from '../shared/problem-note.js';
import { sentenceCase, time, words } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { isRecord, ValueView } from '../shared/value-view.js';
import { AnswerFields } from './answer-fields.js';
import { changesOf } from './changes.js';
import { ChangesView } from './changes-view.js';
import { consentOf, isProposed, proposalOf, putBack, refusalOf, toAnswer, toDraft } from './draft.js';

export type Wait = Job['waitingFor'][number];

interface Given {
  job: string;
  wait: Wait;
  /** An answer is on its way, and it is not known to have been refused. */
  onSending(id: string): void;
  onRefused(id: string): void;
}

/** What the form of the answer does not show already. */
function besides({ data }: Wait, shown: unknown): unknown {
  if (!isRecord(data) || !isRecord(shown)) return data;
  const others = Object.entries(data).filter(([name]) => !(name in shown));
  return others.length === 0 ? null : Object.fromEntries(others);
}

/** What a job asks a person: the proposal to go through, what is otherwise than proposed, and the answer. */
export function DecideForm({ job, wait, onSending, onRefused }: Given) {
  const schema = wait.schema as JsonSchema;
  const [proposal] = useState<unknown>(() => proposalOf(schema, wait.data));
  const [draft, setDraft] = useState(() => toDraft(schema, proposal));
  const [consent, refusal] = [consentOf(schema), refusalOf(schema)];
  const { mutate, isPending, error } = useMutation({
    mutationFn: (value: unknown) => answer(job, { name: wait.name, id: wait.id, value }),
    onMutate: () => onSending(wait.id),
    onError(thrown) {
      const { status, code } = toFailure(thrown);
      // Where the answer to it was lost, it may have been taken.
      if (status >= 400 && status < 500) onRefused(wait.id);
      if (code === 'not-waiting') readAgain(job);
    },
  });
  const failure = error ? toFailure(error) : null;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error) showWrong(form.current);
  }, [error]);
  const answerNow = () => {
    const value = toAnswer(draft, proposal);
    return consent !== null && isRecord(value) ? { ...value, [consent]: true } : value;
  };
  const more = besides(wait, proposal);
  const hasProposal = isProposed(proposal, wait.data);
  const isUploading = useCell(underWay) > 0;
  return (
    <form
      ref={form}
      className="panel panel-asks decide-form"
      aria-label={`Answer: ${words(wait.name)}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        mutate(answerNow());
      }}
    >
      <h2>{sentenceCase(words(wait.name))}: the job waits for you</h2>
      <p className="quiet">Until {time(wait.expiresAt)}.</p>
      {wait.data === null && (
        <p className="note" role="status">
          No worker is there to say what there is to decide on.
        </p>
      )}
      {more !== null && (
        <details open={!hasProposal}>
          <summary>What there is to decide on</summary>
          <ValueView value={more} />
        </details>
      )}
      <AnswerFields
        schema={schema}
        proposal={proposal}
        draft={draft}
        hidden={consent}
        errors={failure?.errors ?? []}
        onChange={setDraft}
      />
      <div className="decide-end">
        {failure && <ProblemNote failure={failure} />}
        {hasProposal && (
          <ChangesView
            changes={changesOf(draft, proposal)}
            onPutBack={({ list, ...dropped }) =>
              setDraft((before) => ({
                ...before,
                lists: { ...before.lists, [list]: putBack(before.lists[list] ?? [], dropped) },
              }))
            }
          />
        )}
        <p className="row row-end">
          {refusal !== null && (
            <TwiceButton
              label="Decline what is proposed"
              again="Really decline?"
              busy={isPending}
              onTwice={() => mutate(refusal)}
            >
              Decline
            </TwiceButton>
          )}
          <button type="submit" className="button button-main" disabled={isPending || isUploading}>
            {consent === null ? 'Send the answer' : 'Confirm'}
          </button>
        </p>
      </div>
    </form>
  );
}
