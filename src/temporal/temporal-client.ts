import { setTimeout as pause } from 'node:timers/promises';
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
import { Pulse } from '../pulse.js';
import { whileTimeIsLeft, within } from '../within.js';
import { lazyConnection } from './connection.js';
import { dataConverter } from './data-converter.js';
import { grpcCodes } from './grpc-codes.js';

/** In ms. Below a second together, so that a Temporal that answers nobody is told within one. */
const silence = { doubtMs: 300, probeMs: 500, againMs: 300 };

/** For a Temporal that answers others, and so is busy and not away. */
export const busyMs = 10_000;

/**
 * For a turn in a line that moves. Clients and proxies wait for 30 s as a rule, and an answer that comes late is worth
 * more to them than none.
 */
export const inLineMs = 25_000;

/** How long after a refusal for being busy a call is made again. The pauses get longer, up to the last. */
const againMs = { first: 100, last: 1_000 };

/** For the database, when a call reads or writes a large value. */
const storagePatienceMs = 2_000;

/** Of a call that ran out of its own time. What else may work later the SDK knows, and has tried again by itself. */
const outOfTime: ReadonlySet<number> = new Set([grpcCodes.cancelled, grpcCodes.deadlineExceeded]);

/** Temporal was given up. In the form of the errors of gRPC, as if a deadline had passed. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly code = grpcCodes.deadlineExceeded;
  readonly details: string;
  readonly metadata = {};

  constructor(ms: number) {
    const details = `Temporal did not answer within ${Math.round(ms)} ms`;
    super(details);
    this.details = details;
  }
}

/** The one way from HTTP to Temporal: every call under a deadline. Connects at the first call. */
@Injectable()
export class TemporalClient implements OnApplicationShutdown {
  readonly client: Client;
  readonly namespace: string;
  readonly connection: Connection;
  private readonly pulse: Pulse;
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
    const { workflowService } = this.connection;
    const probe = () =>
      this.client.withDeadline(Date.now() + busyMs, () => workflowService.getSystemInfo({}));
    this.pulse = new Pulse({ ...silence, probe });
  }

  /** Whether Temporal answers nobody, as far as is known. */
  get silent(): boolean {
    return this.pulse.silent;
  }

  /** For `whileTimeIsLeft`: so long as Temporal answers others. */
  patience(limitMs: number): () => number {
    return this.pulse.patience(limitMs);
  }

  /** Waits for an answer as long as Temporal answers others, and tries again what it is too busy for. */
  async call<T>(work: (client: Client) => Promise<T>, limitMs = busyMs): Promise<T> {
    const leftMs = this.pulse.patience(limitMs);
    const end = performance.now() + limitMs;
    for (let pauseMs = againMs.first; ; pauseMs = Math.min(2 * pauseMs, againMs.last)) {
      try {
        return await this.send(work, leftMs);
      } catch (error) {
        const busy = grpcCode(error) === grpcCodes.resourceExhausted;
        if (!busy || performance.now() + pauseMs > end) throw error;
      }
      // Those that were refused together do not come back together.
      await pause(pauseMs * (0.5 + Math.random() / 2));
    }
  }

  /** Under a deadline whatever Temporal does: for what is not worth a longer wait. */
  callWithin<T>(deadlineMs: number, work: (client: Client) => Promise<T>): Promise<T> {
    return this.heard(this.client.withDeadline(Date.now() + deadlineMs, () => work(this.client)));
  }

  private async send<T>(work: (client: Client) => Promise<T>, leftMs: () => number): Promise<T> {
    const asked = performance.now();
    let settled = false;
    // Of this call alone. The SDK never takes its listener off, and what it holds stays as long as the signal.
    const over = new AbortController();
    const deadline = Date.now() + busyMs;
    const answer = this.heard(
      this.client.withAbortSignal(over.signal, () =>
        this.client.withDeadline(deadline, () => work(this.client)),
      ),
    ).finally(() => {
      settled = true;
    });
    try {
      return await whileTimeIsLeft(leftMs, answer);
    } catch (error) {
      if (settled) throw error;
      over.abort();
      throw new NoAnswer(performance.now() - asked);
    }
  }

  /** Takes note of whatever Temporal answers, a refusal too. */
  private async heard<T>(asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      this.pulse.answered();
      return answer;
    } catch (error) {
      const code = grpcCode(error);
      if (code === grpcCodes.unavailable) this.pulse.gone();
      else if (code === grpcCodes.resourceExhausted || !isTemporalUnavailable(error)) this.pulse.answered();
      throw error;
    }
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
