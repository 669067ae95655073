import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Authenticator, type Caller } from '../auth/authenticator.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { toProblem } from '../problems/to-problem.js';

/** In one process, of all owners together. */
export const mostStreams = 2_000;
/** Sessions and tokens may be as many as streams, and each is a query. The pool has no more connections. */
const mostChecks = 4;
/** Seconds after which a client that was refused may find a place. */
const retryAfter = 5;
/** The authenticator remembers a key nearly as long, so that a revoked one ends its streams within a second. */
const checkKeysEveryMs = 500;

/** Something that stays open after its request was answered. */
export interface OpenStream {
  /** The API goes away; the client may come back at once. */
  leave(): void;
  refuse(problem: Problem): void;
}

/** What a caller came with. The ids of keys and of passes are made alike. */
const shownBy = ({ keyId, pass }: Caller): string => (pass ? `pass ${pass.id}` : `key ${keyId}`);

/** Counts what is open, ends it when its key is revoked, and clears it away before the process ends. */
@Injectable()
export class OpenStreams implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly open = new Map<OpenStream, Caller>();
  private readonly counts = new Map<string, number>();
  private readonly mostAnOwner: number;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private checking = false;

  constructor(
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) config: Config,
  ) {
    this.mostAnOwner = config.MAX_STREAMS;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.checkKeys(), checkKeysEveryMs);
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    for (const stream of this.open.keys()) stream.leave();
  }

  /**
   * Takes a place; ask before the answer begins.
   * @returns what gives the place back
   * @throws {Problem} too-many-streams, or stopping
   */
  enter(stream: OpenStream, caller: Caller): () => void {
    if (this.stopped) {
      throw new Problem('stopping', 'This process of the API is about to end.', { retryAfter: 1 });
    }
    const { owner } = caller;
    const mine = this.counts.get(owner) ?? 0;
    const limit =
      mine >= this.mostAnOwner ? `${mine} of yours` : this.open.size >= mostStreams ? 'Too many' : null;
    if (limit !== null) {
      const detail = `${limit} are open here; one owner may have ${this.mostAnOwner}.`;
      throw new Problem('too-many-streams', detail, { retryAfter });
    }
    this.open.set(stream, caller);
    this.counts.set(owner, mine + 1);
    return () => this.release(stream);
  }

  private release(stream: OpenStream): void {
    const caller = this.open.get(stream);
    if (!caller) return;
    this.open.delete(stream);
    const left = (this.counts.get(caller.owner) ?? 1) - 1;
    if (left === 0) this.counts.delete(caller.owner);
    else this.counts.set(caller.owner, left);
  }

  private async checkKeys(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      const callers = new Map([...this.open.values()].map((caller) => [shownBy(caller), caller]));
      const line = callers.entries();
      const check = async () => {
        for (const [shown, caller] of line) {
          const problem = await this.refusalOf(caller);
          if (!problem) continue;
          for (const [stream, other] of this.open) if (shownBy(other) === shown) stream.refuse(problem);
        }
      };
      await Promise.all(Array.from({ length: mostChecks }, check));
    } finally {
      this.checking = false;
    }
  }

  /** Null for a caller that may go on. One whose key cannot be checked any more may come back with it. */
  private async refusalOf({ keyId, pass }: Caller): Promise<Problem | null> {
    try {
      if (await this.authenticator.stillValid(keyId, pass)) return null;
      return new Problem('unauthenticated', 'What this stream was opened with is no longer valid.');
    } catch (error) {
      return toProblem(error);
    }
  }
}
