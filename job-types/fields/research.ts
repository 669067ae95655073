import { z } from 'zod';
import { StorableText } from './storable-text.js';

/** Characters of one text of it. */
const longest = { line: 500, text: 20_000 };

const line = StorableText.max(longest.line).default('');
const text = StorableText.max(longest.text).default('');

export const Person = z
  .strictObject({ name: line, title: line, personality: text, lore: text, location: line })
  .meta({ id: 'ResearchPerson' });

const Quest = z
  .strictObject({
    id: line.meta({ description: 'By which a story tells what a segment is about' }),
    title: line,
    storyBeat: text.meta({ description: 'What it means for the whole' }),
    objectives: z.strictObject({ summary: text, details: text }).prefault({}),
    questGiver: Person.nullable().default(null),
    turnInNpc: Person.nullable().default(null),
    executionLocation: z
      .strictObject({ area: line, visual: text, landmarks: text, enemies: text })
      .prefault({}),
    storyText: text.meta({ description: 'What is said when it begins' }),
    completionText: text.meta({ description: 'What is said when it is done' }),
  })
  .meta({ id: 'ResearchQuest' });

/** What is known of a subject, in the form that stories are written from. What is not known is empty. */
export const Research = z
  .strictObject({
    title: line.meta({ description: 'What the whole is called' }),
    setting: z
      .strictObject({
        zone: line,
        startingLocation: line,
        journey: text,
        description: text,
        loreContext: text,
      })
      .prefault({}),
    facts: z
      .array(StorableText.max(longest.text))
      .max(500)
      .default([])
      .meta({ description: 'Each a sentence or two that a story must not contradict' }),
    people: z.array(Person).max(500).default([]),
    places: z
      .array(z.strictObject({ name: line, description: text }))
      .max(500)
      .default([]),
    quests: z.array(Quest).max(200).default([]).meta({ description: 'What happens, in order' }),
    roleplay: z
      .record(z.string().max(longest.line), StorableText.max(longest.text))
      .default({})
      .meta({ description: 'How somebody speaks or behaves, by name' }),
    executionOrder: z
      .array(
        z.strictObject({
          nodes: z.array(StorableText.max(longest.line)).max(200).default([]),
          isParallel: z.boolean().default(false),
          phase: line,
        }),
      )
      .max(500)
      .default([]),
  })
  .meta({ id: 'Research' });
export type Research = z.infer<typeof Research>;
export type Person = z.infer<typeof Person>;
