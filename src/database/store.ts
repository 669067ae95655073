import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { sql } from 'kysely';
import { type ApiKeys, createApiKeys } from '../../store/api-keys.js';
import { type Attempts, createAttempts } from '../../store/attempts.js';
import { type Cancellations, createCancellations } from '../../store/cancellations.js';
import { type Concurrency, createConcurrency } from '../../store/concurrency.js';
import { type Database, openDatabase } from '../../store/database.js';
import { type Events, createEvents } from '../../store/events.js';
import { type Feeds, createFeeds } from '../../store/feeds.js';
import { type Glances, createGlances } from '../../store/glances.js';
import { type LargeValues, createLargeValues } from '../../store/large-values.js';
import { migrate } from '../../store/migrations.js';
import { type ModelCalls, createModelCalls } from '../../store/model-calls.js';
import { type Outcomes, createOutcomes } from '../../store/outcomes.js';
import { type Words, createWords } from '../../store/words.js';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { whileTimeIsLeft } from '../within.js';

/** For a database that answers others, and so is busy and not away. */
const busyMs = 3_000;

/** The API's side of the database. Opens nothing until the first query, and survives the server's restarts. */
@Injectable()
export class Store implements OnApplicationShutdown {
  readonly apiKeys: ApiKeys;
  readonly words: Words;
  readonly outcomes: Outcomes;
  readonly events: Events;
  readonly feeds: Feeds;
  readonly glances: Glances;
  readonly cancellations: Cancellations;
  readonly concurrency: Concurrency;
  readonly largeValues: LargeValues;
  readonly modelCalls: ModelCalls;
  readonly attempts: Attempts;
  private readonly db: Database;
  private answeredAt = 0;
  private readonly logger = new Logger('store');

  constructor(@Inject(CONFIG) config: Config) {
    this.db = openDatabase(databaseUrl(config), {
      name: 'longhaul-api',
      maxConnections: 10,
      onConnectionLost: (error) => this.logger.warn(`a database connection was lost: ${error.message}`),
      onAnswer: () => {
        this.answeredAt = performance.now();
      },
    });
    this.apiKeys = createApiKeys(this.db);
    this.words = createWords(this.db);
    this.outcomes = createOutcomes(this.db);
    this.events = createEvents(this.db);
    this.feeds = createFeeds(this.db);
    this.glances = createGlances(this.db);
    this.concurrency = createConcurrency(this.db);
    this.largeValues = createLargeValues(this.db);
    this.modelCalls = createModelCalls(this.db);
    this.attempts = createAttempts(this.db);
    this.cancellations = createCancellations(this.db);
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
    return migrate(this.db);
  }

  async ping(): Promise<void> {
    await sql`select 1`.execute(this.db);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.db.destroy();
  }
}

/** @throws {ConfigError} */
export function databaseUrl(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  throw new ConfigError(
    'DATABASE_URL is not set. Set it, or use `npm start`, which runs a PostgreSQL of its own.',
  );
}
