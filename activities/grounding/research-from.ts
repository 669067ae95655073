import { plainText, tidyLine } from '../../job-types/fields/plain-text.js';
import { type Person, Research } from '../../job-types/fields/research.js';
import type { SaidResearch } from '../prompts/structure-research.js';

/** As the form of research bounds them. */
const most = { line: 500, text: 20_000, entries: 500, quests: 200 };

const line = (said: string | null): string =>
  tidyLine(said ?? '')
    .slice(0, most.line)
    .toWellFormed();
const text = (said: string | null): string =>
  plainText(said ?? '')
    .trim()
    .slice(0, most.text)
    .toWellFormed();

/** What a model has said, in the form that is kept: bounded, without what is empty, its people by name. */
export function researchFrom(said: SaidResearch, subject: string): Research {
  const people = (said.people ?? [])
    .map((one): Person => ({
      name: line(one.name),
      title: line(one.title),
      personality: text(one.personality),
      lore: text(one.lore),
      location: line(one.location),
    }))
    .filter(({ name }) => name !== '')
    .slice(0, most.entries);
  const named = (name: string | null): Person | null => {
    const wanted = line(name);
    if (wanted === '') return null;
    const nobodyElse = { name: wanted, title: '', personality: '', lore: '', location: '' };
    return people.find((person) => person.name.toLowerCase() === wanted.toLowerCase()) ?? nobodyElse;
  };
  const { setting } = said;
  return Research.parse({
    title: line(said.title) || subject,
    setting: {
      zone: line(setting?.zone ?? null),
      startingLocation: line(setting?.startingLocation ?? null),
      journey: text(setting?.journey ?? null),
      description: text(setting?.description ?? null),
      loreContext: text(setting?.loreContext ?? null),
    },
    facts: (said.facts ?? []).map(text).filter(Boolean).slice(0, most.entries),
    people,
    places: (said.places ?? [])
      .map(({ name, description }) => ({ name: line(name), description: text(description) }))
      .filter(({ name }) => name !== '')
      .slice(0, most.entries),
    quests: (said.quests ?? [])
      .filter(({ title }) => line(title) !== '')
      .slice(0, most.quests)
      .map((quest, index) => ({
        id: `quest-${index + 1}`,
        title: line(quest.title),
        storyBeat: text(quest.storyBeat),
        objectives: { summary: text(quest.objectives), details: text(quest.details) },
        questGiver: named(quest.giver),
        turnInNpc: named(quest.turnIn),
        executionLocation: {
          area: line(quest.place),
          visual: text(quest.looks),
          landmarks: text(quest.landmarks),
          enemies: text(quest.enemies),
        },
        storyText: text(quest.storyText),
        completionText: text(quest.completionText),
      })),
  });
}
