import { Research } from '../../job-types/fields/research.js';
import { addResearch } from '../../store/research.js';
import type { House } from './house.js';

/** Saves research on a subject as a job would, so that stories can be written of it. */
export async function saveResearch({ db }: Pick<House, 'db'>, subject: string): Promise<void> {
  const content = Research.parse({
    title: subject,
    facts: ['The lamp turns once in forty seconds.'],
    quests: [{ id: 'quest-1', title: 'The broken gear' }],
  });
  const saved = { owner: 'local', subject, content, sources: [], provider: 'rules', notes: [], jobId: 'job' };
  await db.transaction().execute((trx) => addResearch(trx, saved));
}

/** A plan that a model could give, as it says it. @param quests segments between introduction and conclusion */
export const planSaid = (quests: number): string =>
  JSON.stringify({
    title: 'Forty seconds',
    introduction: 'The storm is near.',
    segments: Array.from({ length: quests }, (_, index) => ({
      questIds: ['quest-1'],
      questName: `Quest ${index + 1}`,
      phase: 'exec',
      section: index === 1 ? 'dialogue' : 'narration',
      brief: `Part ${index + 1}`,
      actors: index === 1 ? ['Marta', 'Bao'] : [],
    })),
    conclusion: 'The boats are home.',
  });

/** A review that a model could give. @param score of each of the three */
export const reviewSaid = (score: number, wish = 'More fog.'): string =>
  JSON.stringify({
    scores: { lore: score, narrative: score, consistency: score },
    issues: [{ category: 'style', severity: 'low', description: 'Too dry.', suggestion: wish }],
    suggestions: [],
    summary: `It is ${score}.`,
  });
