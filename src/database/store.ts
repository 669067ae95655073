import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { sql } from 'kysely';
import { type ApiKeys, createApiKeys } from '../../store/api-keys.js';
import { type Aliases, createAliases } from '../../store/aliases.js';
import { type Attempts, createAttempts } from '../../store/attempts.js';
import { type Cancellations, createCancellations } from '../../store/cancellations.js';
import { type Concurrency, createConcurrency } from '../../store/concurrency.js';
import { type Conversations, createConversations } from '../../store/conversations.js';
import { type Database, openDatabase } from '../../store/database.js';
import { type Documents, createDocuments } from '../../store/documents.js';
import { type Places, createPlaces } from '../../store/places.js';
import { openProbe } from '../../store/probe.js';
import { type Events, createEvents } from '../../store/events.js';
import { type Files, createFiles } from '../../store/files.js';
import { type Feeds, createFeeds } from '../../store/feeds.js';
import { type ForkClaims, createForkClaims } from '../../store/fork-claims.js';
import { type Glances, createGlances } from '../../store/glances.js';
import { type Items, createItems } from '../../store/items.js';
import { type LargeValues, createLargeValues } from '../../store/large-values.js';
import { migrate } from '../../store/migrations.js';
import { type ModelCalls, createModelCalls } from '../../store/model-calls.js';
import { type Outcomes, createOutcomes } from '../../store/outcomes.js';
import { type Passes, createPasses } from '../../store/passes.js';
import { type Receipts, createReceipts } from '../../store/receipts.js';
import { type RefusedTasks, createRefusedTasks } from '../../store/refused-tasks.js';
import { type ResearchStore, createResearch } from '../../store/research.js';
import { type Stories, createStories } from '../../store/stories.js';
import { type StoryVersions, createStoryVersions } from '../../store/story-versions.js';
import { type Themes, createThemes } from '../../store/themes.js';
import { type WorkbookChats, createWorkbookChats } from '../../store/workbook-chats.js';
import { type WorkbookRecords, createWorkbookRecords } from '../../store/workbook-records.js';
import { type Words, createWords } from '../../store/words.js';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { Pulse } from '../pulse.js';
import { whileTimeIsLeft } from '../within.js';

/** For a database that answers others, and so is busy and not away. */
const busyMs = 3_000;

/**
 * Connections of one API process. Whoever searches and sums up must not use up those that checking a key, starting and
 * stopping need. So four kinds of work have connections of their own.
 */
const connections = { vital: 4, reading: 8, browsing: 4, files: 4 };

/** Milliseconds, by what the work is worth: the server gives a statement up that takes longer. */
const statementMs = { vital: 10_000, reading: 10_000, browsing: 3_000, files: 10_000 };

/** In ms. A database that answers nobody is told within a second, and whoever asks it then is told sooner. */
const silence = { doubtMs: 300, probeMs: 500, againMs: 150 };

/** The API's side of the database. Opens nothing until the first query, and survives the server's restarts. */
@Injectable()
export class Store implements OnApplicationShutdown {
  readonly apiKeys: ApiKeys;
  readonly passes: Passes;
  readonly words: Words;
  readonly themes: Themes;
  readonly research: ResearchStore;
  readonly stories: Stories;
  readonly storyVersions: StoryVersions;
  readonly refusedTasks: RefusedTasks;
  readonly documents: Documents;
  readonly aliases: Aliases;
  readonly outcomes: Outcomes;
  readonly events: Events;
  readonly feeds: Feeds;
  readonly glances: Glances;
  readonly items: Items;
  readonly cancellations: Cancellations;
  readonly concurrency: Concurrency;
  readonly forkClaims: ForkClaims;
  readonly places: Places;
  readonly largeValues: LargeValues;
  readonly modelCalls: ModelCalls;
  readonly receipts: Receipts;
  readonly attempts: Attempts;
  readonly conversations: Conversations;
  readonly workbookChats: WorkbookChats;
  readonly workbookRecords: WorkbookRecords;
  readonly files: Files;
  /** For sums over many calls, which may take long. */
  readonly totals: Pick<ModelCalls, 'totals' | 'dearest' | 'spans' | 'providers' | 'typicalUse'>;
  private readonly vital: Database;
  private readonly reading: Database;
  private readonly browsing: Database;
  private readonly moving: Database;
  private readonly pulse: Pulse;
  private readonly probe: ReturnType<typeof openProbe>;
  private answeredAt = 0;
  private readonly logger = new Logger('store');

  constructor(@Inject(CONFIG) config: Config) {
    const url = databaseUrl(config);
    this.probe = openProbe(url, 'longhaul-api-probe');
    this.pulse = new Pulse({ ...silence, probe: () => this.probe.ask() });
    const open = (kind: keyof typeof connections) =>
      openDatabase(url, {
        name: kind === 'reading' ? 'longhaul-api' : `longhaul-api-${kind}`,
        maxConnections: connections[kind],
        statementMs: statementMs[kind],
        patience: (asked) => this.pulse.wait(statementMs[kind], asked),
        onConnectionLost: (error) => this.logger.warn(`a database connection was lost: ${error.message}`),
        onAnswer: () => {
          this.answeredAt = performance.now();
          this.pulse.answered();
        },
      });
    this.vital = open('vital');
    this.reading = open('reading');
    this.browsing = open('browsing');
    this.moving = open('files');
    this.apiKeys = createApiKeys(this.vital);
    this.passes = createPasses(this.vital);
    this.largeValues = createLargeValues(this.vital);
    this.concurrency = createConcurrency(this.vital);
    this.forkClaims = createForkClaims(this.reading);
    this.places = createPlaces(this.vital);
    this.cancellations = createCancellations(this.vital);
    this.outcomes = createOutcomes(this.reading);
    this.events = createEvents(this.reading);
    this.feeds = createFeeds(this.reading);
    this.glances = createGlances(this.reading);
    this.items = createItems(this.browsing);
    this.modelCalls = createModelCalls(this.reading);
    this.receipts = createReceipts(this.reading);
    this.conversations = createConversations(this.reading);
    this.workbookChats = createWorkbookChats(this.reading);
    this.workbookRecords = createWorkbookRecords(this.reading);
    this.words = createWords(this.browsing);
    this.themes = createThemes(this.browsing);
    this.research = createResearch(this.browsing);
    this.stories = createStories(this.browsing);
    this.storyVersions = createStoryVersions(this.browsing);
    this.refusedTasks = createRefusedTasks(this.vital);
    this.documents = createDocuments(this.browsing);
    this.aliases = createAliases(this.vital);
    this.totals = createModelCalls(this.browsing);
    this.attempts = createAttempts(this.vital);
    this.files = createFiles(this.moving);
  }

  /**
   * For an answer that a database that is away must not hold up: waits longer while it answers others.
   * @param silentMs after which a database that answers nobody is away
   * @throws with the code of a connection that timed out
   */
  soon<T>(silentMs: number, work: Promise<T>): Promise<T> {
    const asked = performance.now();
    const end = () => Math.min(Math.max(asked, this.answeredAt) + silentMs, asked + busyMs);
    return whileTimeIsLeft(() => end() - performance.now(), work);
  }

  migrate(): Promise<void> {
    return migrate(this.reading);
  }

  async ping(): Promise<void> {
    await sql`select 1`.execute(this.vital);
  }

  /** Of the database server. */
  async version(): Promise<string | null> {
    const { rows } = await sql<{ version: string }>`
      select current_setting('server_version') as version`.execute(this.vital);
    return rows[0]?.version ?? null;
  }

  async onApplicationShutdown(): Promise<void> {
    const open = [this.vital, this.reading, this.browsing, this.moving];
    await Promise.all(open.map((database) => database.destroy()));
    await this.probe.close();
  }
}

/** @throws {ConfigError} */
export function databaseUrl(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  throw new ConfigError(
    'DATABASE_URL is not set. Set it, or use `npm start`, which runs a PostgreSQL of its own.',
  );
}
