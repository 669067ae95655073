import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { editStory, type Story } from '../../client/index.js';
import { storyTag } from '../../job-types/fields/story-tag.js';
import { ask, toFailure } from '../api/problem-error.js';
import { queries } from '../api/queries.js';
import { EditedField } from './edited-field.js';
import { storyQuery } from './library-queries.js';
import { LinesEditor } from './lines-editor.js';
import { EditorFrame } from './editor-frame.js';
import { toEdit } from './story-text.js';

const rowsOf = (text: string): number => Math.min(16, Math.max(4, Math.ceil(text.length / 80) + 1));

interface Given {
  story: Story;
  onSaved(): void;
  onGiveUp(): void;
}

/** Texts of one's own become the next version; what the job wrote stays. */
export function StoryEditor({ story, onSaved, onGiveUp }: Given) {
  // The story is read again behind the form. If that were the base, a save would hide a version that nobody here has seen.
  const [base] = useState(story);
  const [unedited] = useState(() => toEdit(base));
  const [edit, setEdit] = useState(unedited);
  const { subject, latestVersion, written } = base;
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () =>
      ask(
        editStory({
          path: { subject },
          headers: { 'if-match': storyTag({ ...base, version: latestVersion }, written) },
          body: edit,
        }),
      ),
    onSuccess: async (saved) => {
      // If an older version was open, the latest one is read by nobody, and would be shown as it was.
      queries.setQueryData(storyQuery(subject).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ['library', 'stories'] });
    },
  });
  const failure = error ? toFailure(error) : null;
  const wrongAt = (pointer: string) => failure?.errors?.find((one) => one.pointer === pointer)?.detail;
  const { title = '', introduction, segments = [], conclusion } = edit;
  const putSegment = (place: number, segment: (typeof segments)[number]) =>
    setEdit({ ...edit, segments: segments.map((one, index) => (index === place ? segment : one)) });
  return (
    <EditorFrame
      label="Edit the story"
      version={latestVersion + 1}
      saving={isPending}
      failure={failure}
      unchanged={edit === unedited}
      onGiveUp={onGiveUp}
      // Where somebody has left meanwhile, they are not brought back.
      onSave={() => mutate(undefined, { onSuccess: onSaved })}
    >
      <EditedField
        name="Title"
        value={title}
        wrong={wrongAt('/title')}
        onChange={(value) => setEdit({ ...edit, title: value })}
      />
      {introduction !== undefined && (
        <EditedField
          name="Introduction"
          rows={rowsOf(introduction)}
          value={introduction}
          wrong={wrongAt('/introduction')}
          onChange={(value) => setEdit({ ...edit, introduction: value })}
        />
      )}
      {segments.map(({ number, text, lines }, index) => (
        <fieldset key={number}>
          <legend>
            Segment {number}, {base.segments[index]?.questName}
          </legend>
          {lines ? (
            <LinesEditor
              lines={lines}
              wrongAt={(pointer) => wrongAt(`/segments/${index}/lines${pointer}`)}
              onChange={(value) => {
                // What the API says is wrong it says of the line that stood in a place.
                if (value.length !== lines.length && !isPending) reset();
                putSegment(index, { number, lines: value });
              }}
            />
          ) : (
            <EditedField
              name="Text"
              rows={rowsOf(text ?? '')}
              value={text ?? ''}
              wrong={wrongAt(`/segments/${index}/text`)}
              onChange={(value) => putSegment(index, { number, text: value })}
            />
          )}
        </fieldset>
      ))}
      {conclusion !== undefined && (
        <EditedField
          name="Conclusion"
          rows={rowsOf(conclusion)}
          value={conclusion}
          wrong={wrongAt('/conclusion')}
          onChange={(value) => setEdit({ ...edit, conclusion: value })}
        />
      )}
    </EditorFrame>
  );
}
