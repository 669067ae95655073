import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { type Document, editDocument } from '../../client/index.js';
import { ask, toFailure } from '../api/problem-error.js';
import { queries } from '../api/queries.js';
import { SaveRow } from './save-row.js';

/** A text of one's own becomes the next version; the earlier ones stay. */
export function DocumentEditor({ document, onDone }: { document: Document; onDone(): void }) {
  // The document is read again behind the form. What is saved would write over a version that nobody here has seen.
  const [base] = useState(document);
  const [title, setTitle] = useState(base.title);
  const [markdown, setMarkdown] = useState(base.markdown);
  const [titleField, textField] = [useId(), useId()];
  const navigate = useNavigate();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      ask(
        editDocument({
          path: { documentId: base.id },
          // Whoever edits an old version means to go back to it.
          headers: { 'if-match': `"v${base.latestVersion}"` },
          body: { markdown, title },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['library', 'documents'] });
      onDone();
      await navigate({ to: '/library/$kind/$id', params: { kind: 'documents', id: base.id } });
    },
  });
  const failure = error ? toFailure(error) : null;
  const wrongAt = (pointer: string) => failure?.errors?.find((one) => one.pointer === pointer)?.detail;
  return (
    <form
      className="panel"
      aria-label="Edit the document"
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Field id={titleField} name="Title" wrong={wrongAt('/title')}>
        <input
          id={titleField}
          value={title}
          aria-invalid={wrongAt('/title') !== undefined}
          aria-describedby={`${titleField}-wrong`}
          onChange={({ target }) => setTitle(target.value)}
        />
      </Field>
      <Field id={textField} name="Text, as Markdown" wrong={wrongAt('/markdown')}>
        <textarea
          id={textField}
          className="code"
          rows={24}
          value={markdown}
          aria-invalid={wrongAt('/markdown') !== undefined}
          aria-describedby={`${textField}-wrong`}
          onChange={({ target }) => setMarkdown(target.value)}
        />
      </Field>
      <SaveRow
        version={base.latestVersion + 1}
        saving={isPending}
        failure={failure}
        onGiveUp={onDone}
        unchanged={title === base.title && markdown === base.markdown}
      />
    </form>
  );
}

interface FieldGiven {
  id: string;
  name: string;
  wrong: string | undefined;
  children: React.ReactNode;
}

const Field = ({ id, name, wrong, children }: FieldGiven) => (
  <div className={wrong ? 'field field-wrong' : 'field'}>
    <label htmlFor={id}>{name}</label>
    {children}
    <p id={`${id}-wrong`} className="wrong">
      {wrong}
    </p>
  </div>
);
