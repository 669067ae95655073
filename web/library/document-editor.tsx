import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { type Document, editDocument } from '../../client/index.js';
import { ask, toFailure } from '../api/problem-error.js';
import { queries } from '../api/queries.js';
import { EditedField } from './edited-field.js';
import { documentQuery } from './library-queries.js';
import { EditorFrame } from './editor-frame.js';

interface Given {
  document: Document;
  onSaved(): void;
  onGiveUp(): void;
}

/** A text of one's own becomes the next version; the earlier ones stay. */
export function DocumentEditor({ document, onSaved, onGiveUp }: Given) {
  // The document is read again behind the form. If that were the base, a save would hide a version that nobody here has seen.
  const [base] = useState(document);
  const [title, setTitle] = useState(base.title);
  const [markdown, setMarkdown] = useState(base.markdown);
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
    onSuccess: async (saved) => {
      // If an older version was open, the latest one is read by nobody, and would be shown as it was.
      queries.setQueryData(documentQuery(base.id).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ['library', 'documents'] });
    },
  });
  const failure = error ? toFailure(error) : null;
  const wrongAt = (pointer: string) => failure?.errors?.find((one) => one.pointer === pointer)?.detail;
  return (
    <EditorFrame
      label="Edit the document"
      version={base.latestVersion + 1}
      saving={isPending}
      failure={failure}
      onGiveUp={onGiveUp}
      unchanged={title === base.title && markdown === base.markdown}
      // Where somebody has left meanwhile, they are not brought back.
      onSave={() => mutate(undefined, { onSuccess: onSaved })}
    >
      <EditedField name="Title" value={title} wrong={wrongAt('/title')} onChange={setTitle} />
      <EditedField
        name="Text, as Markdown"
        rows={24}
        code
        value={markdown}
        wrong={wrongAt('/markdown')}
        onChange={setMarkdown}
      />
    </EditorFrame>
  );
}
