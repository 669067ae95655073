import '../form/without-eval.js';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { editResearch, type Research as Content, type ResearchDocument } from '../../client/index.js';
import { Research } from '../../job-types/fields/research.js';
import { ask, toFailure } from '../api/problem-error.js';
import { queries } from '../api/queries.js';
import type { JsonSchema } from '../form/json-schema.js';
import { SchemaForm } from '../form/schema-form.js';
import { EditorFrame } from './editor-frame.js';
import { researchQuery } from './library-queries.js';

const schema = Research.toJSONSchema({ io: 'input' }) as JsonSchema;

interface Given {
  research: ResearchDocument;
  onSaved(): void;
  onGiveUp(): void;
}

/** A form made of the schema that the API checks with. What is corrected becomes the next version. */
export default function ResearchEditor({ research, onSaved, onGiveUp }: Given) {
  // The research is read again behind the form. If that were the base, a save would hide a version that nobody here has seen.
  const [base] = useState(research);
  const { subject, latestVersion } = base;
  const [content, setContent] = useState<unknown>(base.content);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      ask(
        editResearch({
          path: { subject },
          headers: { 'if-match': `"v${latestVersion}"` },
          // What is wrong with it the API says, at the field.
          body: { content: content as Content },
        }),
      ),
    onSuccess: async (saved) => {
      // If an older version was open, the latest one is read by nobody, and would be shown as it was.
      queries.setQueryData(researchQuery(subject).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ['library', 'research'] });
    },
  });
  const failure = error ? toFailure(error) : null;
  return (
    <EditorFrame
      label="Correct the research"
      version={latestVersion + 1}
      saving={isPending}
      failure={failure}
      unchanged={content === base.content}
      onGiveUp={onGiveUp}
      // Where somebody has left meanwhile, they are not brought back.
      onSave={() => mutate(undefined, { onSuccess: onSaved })}
    >
      <SchemaForm
        schema={schema}
        value={content}
        onChange={setContent}
        at="/content"
        errors={failure?.errors ?? []}
      />
    </EditorFrame>
  );
}
