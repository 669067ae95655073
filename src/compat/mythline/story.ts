import { z } from 'zod';
import type { StoredSegment, StoredStory } from '../../../store/stories.js';

const Part = z.object({ text: z.string() });

const Segment = z
  .object({
    quest_ids: z.array(z.string()),
    phase: z.string(),
    section: z.string(),
    text: z.string().optional(),
    lines: z
      .array(z.object({ actor: z.string(), line: z.string() }))
      .optional()
      .meta({ description: 'In place of a text, where people speak' }),
  })
  .meta({ id: 'MythlineSegment' });

export const Story = z
  .object({
    title: z.string(),
    introduction: Part,
    segments: z.array(Segment),
    conclusion: Part,
  })
  .meta({ id: 'MythlineStory' });
export type Story = z.infer<typeof Story>;

/** What is missing of the story is left out; an introduction or a conclusion that is missing has no text. */
export function toStory({ title, plan, written }: StoredStory): Story {
  const textOf = (kind: 'introduction' | 'conclusion') =>
    written
      .filter(({ number }) => plan[number - 1]?.kind === kind)
      .map(spoken)
      .join('\n\n');
  return {
    title,
    introduction: { text: textOf('introduction') },
    segments: written.flatMap((segment) => {
      const planned = plan[segment.number - 1];
      if (planned?.kind !== 'quest') return [];
      const { questIds: quest_ids, phase, section } = planned;
      const { lines, text } = segment;
      return [{ quest_ids, phase, section, ...(lines ? { lines } : { text: text ?? '' }) }];
    }),
    conclusion: { text: textOf('conclusion') },
  };
}

const spoken = ({ text, lines }: StoredSegment): string =>
  text ?? (lines ?? []).map(({ actor, line }) => `${actor}: ${line}`).join('\n');
