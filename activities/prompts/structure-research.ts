import { z } from 'zod';
import { objectForm } from '../providers/answer-form.js';
import { material } from './material.js';
import { promptVersion } from './version.js';

export interface StructureResearch {
  subject: string;
  texts: readonly string[];
}

const said = z.string().nullable();

/** What the model says; null for what the texts do not. */
const SaidResearch = z.object({
  title: said,
  setting: z
    .object({
      zone: said,
      startingLocation: said,
      journey: said,
      description: said,
      loreContext: said,
    })
    .nullable(),
  facts: z.array(z.string()).nullable(),
  people: z
    .array(z.object({ name: said, title: said, personality: said, lore: said, location: said }))
    .nullable(),
  places: z.array(z.object({ name: said, description: said })).nullable(),
  quests: z
    .array(
      z.object({
        title: said,
        storyBeat: said,
        objectives: said,
        details: said,
        giver: said,
        turnIn: said,
        place: said,
        looks: said,
        landmarks: said,
        enemies: said,
        storyText: said,
        completionText: said,
      }),
    )
    .nullable(),
});
export type SaidResearch = z.infer<typeof SaidResearch>;

export const structureResearchAnswer = {
  form: objectForm(SaidResearch),
  /** Characters. Some 200 quests of a few sentences. */
  longestAnswer: 400_000,
};

export function structureResearchPrompt({ subject, texts }: StructureResearch): {
  system: string;
  prompt: string;
} {
  const sources = texts.map((text, index): [string, string] => [`source-${index + 1}`, text]);
  const { rule, blocks } = material({ subject, ...Object.fromEntries(sources) });
  return {
    system: [
      'You put in order what texts say of a subject, so that a story can be written from it.',
      ...rule,
      'You answer with one JSON object, and nothing else. Say nothing that the sources do not say: use null for what they leave open.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      'Put in order what the sources say of the subject, in the language of the texts.',
      '"title" is what the whole is called. "setting" says where it takes place: "zone", "startingLocation", "journey", "description" and "loreContext".',
      '"facts" are sentences that a story must not contradict. "people" have "name", "title", "personality", "lore" and "location". "places" have "name" and "description".',
      '"quests" are what happens, in its order: "title", "storyBeat" (what it means for the whole), "objectives" in one sentence, "details", "giver" and "turnIn" (names of people), "place", "looks", "landmarks", "enemies", "storyText" (what is said when it begins) and "completionText" (what is said when it is done).',
      'If the texts tell of no tasks, make a quest of each event.',
      'Answer as {"title", "setting", "facts": [], "people": [], "places": [], "quests": []}.',
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const structureResearchVersion = promptVersion('structure-research', [
  structureResearchPrompt({ subject: '', texts: [''] }),
  z.toJSONSchema(SaidResearch),
]);
