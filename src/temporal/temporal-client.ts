import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  Client,
  type Connection,
  ServiceError,
  isGrpcServiceError,
  isRetryableError,
} from '@temporalio/client';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { within } from '../within.js';
import { lazyConnection } from './connection.js';
import { dataConverter } from './data-converter.js';
import { grpcCodes } from './grpc-codes.js';

/** Below a second, so that an outage is answered within one: back-off sleeps do not count towards a deadline. */
export const callDeadlineMs = 800;

/** For the database, when a call reads or writes a large value. */
const storagePatienceMs = 2_000;

/** Of a call that ran out of its own time. What else may work later the SDK knows, and has tried again by itself. */
const outOfTime: ReadonlySet<number> = new Set([grpcCodes.cancelled, grpcCodes.deadlineExceeded]);

/** The one way from HTTP to Temporal: every call under a deadline. Connects at the first call. */
@Injectable()
export class TemporalClient implements OnApplicationShutdown {
  readonly client: Client;
  readonly namespace: string;
  readonly connection: Connection;
  private readonly uiUrl: string | null;

  constructor(@Inject(CONFIG) config: Config, { largeValues }: Store) {
    this.namespace = config.TEMPORAL_NAMESPACE;
    this.uiUrl = config.TEMPORAL_UI_URL?.replace(/\/$/, '') ?? null;
    this.connection = lazyConnection(config);
    this.client = new Client({
      connection: this.connection,
      namespace: this.namespace,
      dataConverter: dataConverter(largeValues, (work) => within(storagePatienceMs, work())),
    });
  }

  call<T>(work: (client: Client) => Promise<T>, deadlineMs = callDeadlineMs): Promise<T> {
    return this.client.withDeadline(Date.now() + deadlineMs, () => work(this.client));
  }

  /** The run in the Temporal web UI; null when nobody said where that is. */
  runLink(workflowId: string, runId: string | null): string | null {
    if (!this.uiUrl) return null;
    const workflow = `${this.uiUrl}/namespaces/${this.namespace}/workflows/${encodeURIComponent(workflowId)}`;
    return runId ? `${workflow}/${runId}` : workflow;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}

/** What a client call failed of: the SDK wraps what the server said, and what the database said of a large value. */
export const behind = (error: unknown): unknown => (error instanceof ServiceError ? error.cause : error);

/** The gRPC code behind what a client call threw; null when it is not a gRPC error. */
export function grpcCode(error: unknown): number | null {
  const cause = behind(error);
  return isGrpcServiceError(cause) ? cause.code : null;
}

/** Whether the call found no server, lost it on the way, or was too late: the same call may well work later. */
export function isTemporalUnavailable(error: unknown): boolean {
  const cause = behind(error);
  return isGrpcServiceError(cause) && (outOfTime.has(cause.code) || isRetryableError(cause));
}
