import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { EventWriter } from '../../activities/frame/event-writer.js';
import type { ArticleReader } from '../../activities/providers/article/article-reader.js';
import type { WebFetcher } from '../../activities/providers/web.js';
import type { Database } from '../../store/database.js';
import type { Listener } from '../../store/listener.js';

export interface Resources {
  db: Database;
  writer: EventWriter;
  listener: Listener;
  web: WebFetcher;
  reader: ArticleReader;
  /** Resolves when the schema is there. */
  prepared(): Promise<void>;
}

/** What the activities stand on: there before the first one runs, closed after the last one has ended. */
export class WorkerResources implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly resources: Resources) {}

  onModuleInit(): Promise<void> {
    return this.resources.prepared();
  }

  async onApplicationShutdown(): Promise<void> {
    const { db, writer, listener, web, reader } = this.resources;
    await listener.close();
    await writer.close();
    await web.close();
    await reader.close();
    await db.destroy();
  }
}
