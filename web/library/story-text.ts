import type { Story, StoryEdit, StorySegment } from '../../client/index.js';

type EditedSegment = NonNullable<StoryEdit['segments']>[number];

/** All of a story that can be edited, as it is sent. */
export function toEdit({ title, introduction, segments, conclusion }: Story): StoryEdit {
  return {
    ...(title === '' ? {} : { title }),
    // A part that is missing has no text, and cannot be edited.
    ...(introduction.text === '' ? {} : { introduction: introduction.text }),
    segments: segments.map(editedSegment),
    ...(conclusion.text === '' ? {} : { conclusion: conclusion.text }),
  };
}

const editedSegment = ({ number, text, lines }: StorySegment): EditedSegment =>
  lines === null ? { number, text: text ?? '' } : { number, lines };

/** A story as one text, for comparing versions. */
export function asText({ title, introduction, segments, conclusion }: Story): string {
  const told = segments.map(({ text, lines }) => text ?? spoken(lines));
  return [title, introduction.text, ...told, conclusion.text].filter((part) => part !== '').join('\n\n');
}

const spoken = (lines: StorySegment['lines']): string =>
  (lines ?? []).map(({ actor, line }) => `${actor}: ${line}`).join('\n');
