import { z } from 'zod';
import type { Person, Research } from '../../../job-types/fields/research.js';
import { listOf, text } from '../lenient.js';

/** What is not said is not so. */
const flag = z
  .boolean()
  .nullish()
  .transform((given) => given ?? false);

const TheirPerson = z.object({ name: text, title: text, personality: text, lore: text, location: text });

const TheirQuest = z.object({
  id: text,
  title: text,
  story_beat: text,
  objectives: z.object({ summary: text, details: text }).nullish(),
  quest_giver: TheirPerson.nullish(),
  turn_in_npc: TheirPerson.nullish(),
  execution_location: z.object({ area: text, visual: text, landmarks: text, enemies: text }).nullish(),
  story_text: text,
  completion_text: text,
});

/** The research document of that system. What only we know stands beside it, and may be left out when it is sent back. */
export const ResearchDocument = z
  .object({
    chain_title: text,
    setting: z
      .object({
        zone: text,
        starting_location: text,
        journey: text,
        description: text,
        lore_context: text,
      })
      .nullish(),
    quests: listOf(TheirQuest),
    roleplay: z.record(z.string(), z.string()).nullish(),
    execution_order: listOf(z.object({ nodes: listOf(z.string()), is_parallel: flag, phase: text })),
    facts: z.array(z.string()).optional(),
    people: z.array(TheirPerson).optional(),
    places: z.array(z.object({ name: text, description: text })).optional(),
  })
  .meta({ id: 'MythlineResearch' });
export type ResearchDocument = z.input<typeof ResearchDocument>;

export function toResearchDocument(research: Research): ResearchDocument {
  const { title, setting, quests, roleplay, executionOrder, facts, people, places } = research;
  return {
    chain_title: title,
    setting: {
      zone: setting.zone,
      starting_location: setting.startingLocation,
      journey: setting.journey,
      description: setting.description,
      lore_context: setting.loreContext,
    },
    quests: quests.map((quest) => ({
      id: quest.id,
      title: quest.title,
      story_beat: quest.storyBeat,
      objectives: quest.objectives,
      quest_giver: quest.questGiver,
      turn_in_npc: quest.turnInNpc,
      execution_location: quest.executionLocation,
      story_text: quest.storyText,
      completion_text: quest.completionText,
    })),
    roleplay,
    execution_order: executionOrder.map(({ nodes, isParallel, phase }) => ({
      nodes,
      is_parallel: isParallel,
      phase,
    })),
    facts,
    people,
    places,
  };
}

const nobody: Person = { name: '', title: '', personality: '', lore: '', location: '' };
const nothing = { summary: '', details: '' };
const nowhere = { area: '', visual: '', landmarks: '', enemies: '' };

/** @param known what there was: a document of that system says nothing of what only we know */
export function toResearch(theirs: z.output<typeof ResearchDocument>, known: Research): Research {
  const setting = theirs.setting;
  return {
    title: theirs.chain_title,
    setting: {
      zone: setting?.zone ?? '',
      startingLocation: setting?.starting_location ?? '',
      journey: setting?.journey ?? '',
      description: setting?.description ?? '',
      loreContext: setting?.lore_context ?? '',
    },
    quests: theirs.quests.map((quest) => ({
      id: quest.id,
      title: quest.title,
      storyBeat: quest.story_beat,
      objectives: quest.objectives ?? nothing,
      questGiver: quest.quest_giver ? { ...nobody, ...quest.quest_giver } : null,
      turnInNpc: quest.turn_in_npc ? { ...nobody, ...quest.turn_in_npc } : null,
      executionLocation: quest.execution_location ?? nowhere,
      storyText: quest.story_text,
      completionText: quest.completion_text,
    })),
    roleplay: theirs.roleplay ?? {},
    executionOrder: theirs.execution_order.map(({ nodes, is_parallel, phase }) => ({
      nodes,
      isParallel: is_parallel,
      phase,
    })),
    facts: theirs.facts ?? known.facts,
    people: theirs.people ?? known.people,
    places: theirs.places ?? known.places,
  };
}
