import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { EventWriter } from '../../activities/frame/event-writer.js';
import type { UnderWay } from '../../activities/frame/under-way.js';
import type { ArticleReader } from '../../activities/providers/article/article-reader.js';
import type { WebFetcher } from '../../activities/providers/web.js';
import type { Database } from '../../store/database.js';
import type { Lifeline } from '../../store/lifeline.js';
import type { Listener } from '../../store/listener.js';

export interface Resources {
  db: Database;
  writer: EventWriter;
  listener: Listener;
  underWay: UnderWay;
  lifeline: Lifeline;
  web: WebFetcher;
  reader: ArticleReader;
  /** Resolves when the schema is there. */
  prepared(): Promise<void>;
}

/** What the activities stand on: there before the first one runs, closed after the last one has ended. */
export class WorkerResources implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly resources: Resources) {}

  async onModuleInit(): Promise<void> {
    await this.resources.prepared();
    this.resources.lifeline.open();
  }

  async onApplicationShutdown(): Promise<void> {
    const { db, writer, listener, underWay, lifeline, web, reader } = this.resources;
    await listener.close();
    await underWay.close();
    await lifeline.close();
    await writer.close();
    await web.close();
    await reader.close();
    await db.destroy();
  }
}
