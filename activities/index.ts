import type { Concurrency, IsOpen } from '../store/concurrency.js';
import type { Texts } from '../store/texts.js';
import type { Outcomes } from '../store/outcomes.js';
import type { Receipts } from '../store/receipts.js';
import { createAskActivities } from './ask.js';
import { createArticleActivities } from './article.js';
import type { ArticleReader } from './providers/article/article-reader.js';
import type { EventWriter } from './frame/event-writer.js';
import { type OutcomeDependencies, createOutcomeActivities } from './frame/outcome.js';
import type { Models } from './providers/model.js';
import type { WebFetcher } from './providers/web.js';
import { createTurnActivities } from './frame/turn.js';
import { createVocabularyActivities } from './vocabulary.js';
import { createWordActivities } from './words.js';

export interface ActivityDependencies {
  web: WebFetcher;
  reader: ArticleReader;
  models: Models;
  texts: Texts;
  receipts: Receipts;
  outcomes: Outcomes;
  readers: Pick<EventWriter, 'announce'>;
  concurrency: Concurrency;
  isOpen: IsOpen;
  callTurn: OutcomeDependencies['callTurn'];
}

/** Everything a worker can do. Names are unique over all families: they are activity types in Temporal. */
export const createActivities = (deps: ActivityDependencies) => ({
  ...createArticleActivities(deps),
  ...createAskActivities(deps),
  ...createVocabularyActivities(deps),
  ...createWordActivities(deps),
  ...createOutcomeActivities(deps),
  ...createTurnActivities(deps),
});

export type Activities = ReturnType<typeof createActivities>;
