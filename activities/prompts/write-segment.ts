import { z } from 'zod';
import { anyText, objectForm } from '../providers/answer-form.js';
import { material } from './material.js';
import { type SegmentMaterial, emptySegment, researchFor, researchShown, segmentShown } from './story.js';
import { promptVersion } from './version.js';

export type WriteSegment = SegmentMaterial & {
  /** The text that a reviewer has seen, and what is wrong with it; null where it is written for the first time. */
  feedback: { text: string; wishes: string[] } | null;
};

const LinesSaid = z.object({ lines: z.array(z.object({ actor: z.string(), line: z.string() })) });
export type LinesSaid = z.infer<typeof LinesSaid>;

/** Characters. Ten times what is asked for. */
const longestAnswer = 40_000;

/** A dialogue has lines, and anything else is told in a text. */
export const writeSegmentAnswer = ({ segment }: SegmentMaterial) =>
  segment.section === 'dialogue'
    ? { form: objectForm<LinesSaid | null>(LinesSaid), longestAnswer }
    : { form: { ...anyText, read: (): LinesSaid | null => null }, longestAnswer };

export function writeSegmentPrompt(asked: WriteSegment): { system: string; prompt: string } {
  const { segment, before, feedback, number, of } = asked;
  const { rule, blocks } = material({
    research: researchShown(researchFor(asked)),
    plan: segmentShown(asked),
    before,
    ...(feedback ? { draft: feedback.text, wishes: feedback.wishes.join('\n') } : {}),
  });
  const isDialogue = segment.section === 'dialogue';
  return {
    system: [
      'You write a story from research, one segment at a time.',
      ...rule,
      isDialogue
        ? 'You answer with one JSON object, and nothing else.'
        : 'You answer with the text of the segment alone: no heading, no remark about how you wrote it.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      `Write segment ${number} of ${of}, as the plan says, in the language of the research, in some ${segment.words} words.`,
      ...(before === '' ? [] : ['Go on from what stands before it, of which you see the end.']),
      isDialogue
        ? 'The speakers of the plan talk to each other and to the player. Answer as {"lines": [{"actor", "line"}]}.'
        : 'Tell it in the third person.',
      'Contradict nothing that the research says.',
      ...(feedback ? ['There is a draft: write it anew, so that the wishes are met.'] : []),
    ].join('\n'),
  };
}

const fixed = (section: 'narration' | 'dialogue') => [
  writeSegmentPrompt({ ...emptySegment(section), feedback: null }),
  writeSegmentPrompt({ ...emptySegment(section), before: '.', feedback: { text: '.', wishes: ['.'] } }),
];

/** What this prompt is called in the ledger. */
export const writeSegmentVersion = promptVersion('write-segment', [
  fixed('narration'),
  fixed('dialogue'),
  z.toJSONSchema(LinesSaid),
]);
