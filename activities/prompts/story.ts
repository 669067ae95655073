import type { Research } from '../../job-types/fields/research.js';
import type { PlannedSegment } from '../../job-types/fields/story-plan.js';
import { readable } from './readable.js';

/** What every question about a story tells of it. */
export interface StoryMaterial {
  title: string;
  player: string;
  research: Research;
}

/** What a question about one segment tells of it. */
export interface SegmentMaterial extends StoryMaterial {
  /** From 1. */
  number: number;
  /** How many there are. */
  of: number;
  segment: PlannedSegment;
  /** How the one before it ends; empty for the first. */
  before: string;
}

/** Characters of research that a question shows. */
const mostResearch = 100_000;

export const researchShown = (research: Research): string =>
  readable(research).slice(0, mostResearch).toWellFormed();

/** Of the quests only those that a segment is about, as far as it is about any. */
export function researchFor({ research, segment }: Pick<SegmentMaterial, 'research' | 'segment'>): Research {
  const quests = research.quests.filter(({ id }) => segment.questIds.includes(id));
  return quests.length > 0 ? { ...research, quests } : research;
}

const phases = { accept: 'how it begins', exec: 'how it is done', complete: 'how it ends' } as const;

/** What a segment is to be, as data: a model has planned it from what strangers wrote. */
export const segmentShown = ({ segment, player, title }: SegmentMaterial): string =>
  readable({
    story: title,
    player,
    about: segment.questName,
    phase: segment.kind === 'quest' ? phases[segment.phase] : segment.kind,
    tells: segment.brief,
    speakers: segment.section === 'dialogue' ? segment.actors : [],
  });

/** Of a prompt's version: nothing of the texts of people is fixed. */
export const emptySegment = (section: PlannedSegment['section']): SegmentMaterial => ({
  title: '',
  player: '',
  research: emptyResearch,
  number: 1,
  of: 1,
  before: '',
  segment: {
    kind: 'quest',
    questIds: [],
    questName: '',
    phase: 'accept',
    section,
    brief: '',
    actors: [],
    words: 1,
  },
});

const emptyResearch: Research = {
  title: '',
  setting: { zone: '', startingLocation: '', journey: '', description: '', loreContext: '' },
  facts: [],
  people: [],
  places: [],
  quests: [],
  roleplay: {},
  executionOrder: [],
};
