import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { ChatReplyInput } from '../../job-types/chat-reply.js';
import type { Job } from '../../job-types/contract/job.js';
import {
  type Conversation as StoredConversation,
  type ConversationKey,
  type NewTurn,
  type Turn,
  unnoted,
} from '../../store/conversations.js';
import { CancelRequest } from '../cancel/cancel-request.js';
import { Canceller } from '../cancel/canceller.js';
import { Store } from '../database/store.js';
import { JobsService, type SubmitOptions } from '../jobs/jobs.service.js';
import { Problem } from '../problems/problems.js';
import { JobReader } from '../reading/job-reader.js';
import type { ConversationRequest } from './views.js';

/** Replies of one conversation that are looked at when the one that is being written is sought. */
const mostOpen = 20;

export type NewMessage = Omit<ChatReplyInput, 'conversation'>;

export interface Sending extends SubmitOptions {
  /** Also where there is no such conversation yet, or no more. */
  begins?: true;
}

/** Conversations and the jobs that reply in them. */
@Injectable()
export class Chats {
  private readonly logger = new Logger('conversations');

  constructor(
    private readonly store: Store,
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
    private readonly canceller: Canceller,
  ) {}

  /** @throws {Problem} conversation-exists, or about the model */
  async create(
    owner: string,
    { id, title = null, system = null, model = null }: Wanted,
  ): Promise<StoredConversation> {
    const conversation = id ?? `conv_${randomUUID()}`;
    if (model !== null) {
      const input = { conversation, message: 'Hello', model };
      await this.checked({ type: 'chatReply', input, validateOnly: true }, { owner, by: null });
    }
    const created = await this.store.conversations.create({ owner, conversation, title, system, model });
    if (!created)
      throw new Problem('conversation-exists', `There is a conversation ${conversation} already.`);
    return created;
  }

  /** @throws {Problem} conversation-not-found */
  async find(key: ConversationKey): Promise<StoredConversation> {
    const found = await this.store.conversations.find(key);
    if (!found) throw notFound(key);
    return found;
  }

  /**
   * Starts the job that replies, and shows the message. It is shown by the job itself if the database is late here.
   * @throws {Problem} conversation-not-found, message-not-found, and what a submit throws
   */
  async send(
    { conversation, ...message }: NewMessage & Pick<ConversationKey, 'conversation'>,
    { begins, ...options }: Sending,
  ): Promise<{ job: Job; turn: Turn }> {
    const { owner } = options;
    const key = { owner, conversation };
    const found = await this.store.conversations.find(key);
    if (!found && !begins) throw notFound(key);
    // One that was deleted begins anew; one that never was begins with the job.
    if (!found) await this.store.conversations.revive(key);
    const replaced = await this.openFrom(key, { replaces: message.replaces, mayMiss: begins ?? false });
    const model = message.model ?? found?.model ?? undefined;
    const input = { ...message, conversation, ...(model === undefined ? {} : { model }) };
    const job = await this.submit({ type: 'chatReply', input }, options);
    for (const jobId of replaced) {
      await this.cancel(jobId, { owner, by: options.by, reason: 'The message was said anew.' });
    }
    return { job, turn: await this.note({ ...input, owner, jobId: job.id }) };
  }

  /** The turn of a job in this conversation; null when there is none. */
  async turnOfJob({ owner, conversation }: ConversationKey, jobId: string): Promise<Turn | null> {
    const turn = await this.store.conversations.turnOfJob(jobId);
    return turn?.owner === owner && turn.conversation === conversation && !turn.replaced ? turn : null;
  }

  /** The turn whose reply is being written, or is the next to be. */
  async underWay(key: ConversationKey): Promise<Turn | null> {
    for (const turn of await this.store.conversations.unsaved(key, mostOpen)) {
      const found = await this.reader.find(turn.job_id);
      if (found && !found.job.done) return turn;
    }
    return null;
  }

  /** @throws {Problem} message-not-found */
  async turnOf(key: ConversationKey, messageId: string): Promise<Turn> {
    const turn = await this.store.conversations.turnOf(key, messageId);
    if (!turn) throw noMessage(messageId);
    return turn;
  }

  /**
   * Stops a reply; what it has said is kept.
   * @returns the job; null when nothing is being written
   */
  async stop(
    key: ConversationKey,
    { by, message }: { by: string | null; message?: string | undefined },
  ): Promise<Job | null> {
    await this.find(key);
    const turn = message === undefined ? await this.underWay(key) : await this.turnOf(key, message);
    return turn && this.cancel(turn.job_id, { owner: key.owner, by, reason: 'The reply was stopped.' });
  }

  /** Deletes what was said, and stops what is still being said. @throws {Problem} conversation-not-found */
  async remove(key: ConversationKey, by: string | null): Promise<void> {
    const stopped = new Set<string>();
    const stop = async (jobId: string) => {
      if (stopped.has(jobId)) return;
      try {
        await this.cancel(jobId, { owner: key.owner, by, reason: 'The conversation was deleted.' });
      } catch (error) {
        // What Temporal and the archive have forgotten says nothing any more.
        if (!(error instanceof Problem) || error.code !== 'job-not-found') throw error;
      }
      stopped.add(jobId);
    };
    // If a reply cannot be stopped now, nothing is deleted yet, and a repeat stops it.
    for (const { job_id: jobId } of await this.store.conversations.unsaved(key, mostOpen)) await stop(jobId);
    const open = await this.store.conversations.remove(key);
    if (!open) throw notFound(key);
    for (const jobId of open) await stop(jobId);
  }

  /** The job shows it by itself when its turn begins: a database that is late here costs nothing. */
  private async note(turn: NewTurn): Promise<Turn> {
    try {
      const noted = await this.store.soon(noteMs, this.store.conversations.note(turn));
      return noted ?? unnoted(turn);
    } catch (error) {
      this.logger.warn(`the message of ${turn.jobId} is shown when it is answered: ${String(error)}`);
      return unnoted(turn);
    }
  }

  /** The jobs that still write replies to this message or later ones. @throws {Problem} message-not-found */
  private async openFrom(
    key: ConversationKey,
    { replaces, mayMiss }: { replaces: string | undefined; mayMiss: boolean },
  ): Promise<string[]> {
    if (replaces === undefined) return [];
    const first = await this.store.conversations.turnOf(key, replaces);
    if (!first && !mayMiss) throw noMessage(replaces);
    if (!first) return [];
    const open = await this.store.conversations.unsaved(key, mostOpen);
    return open.filter(({ turn }) => turn >= first.turn).map(({ job_id: jobId }) => jobId);
  }

  private cancel(
    jobId: string,
    { reason, ...call }: { owner: string; by: string | null; reason: string },
  ): Promise<Job> {
    return this.canceller.cancel(jobId, { ...call, request: CancelRequest.parse({ reason }) });
  }

  private async submit(body: unknown, options: SubmitOptions): Promise<Job> {
    const submitted = await this.checked(body, options);
    if ('job' in submitted) return submitted.job;
    throw new Error('the request asked for no more than a check');
  }

  /** A submit whose problems point at the fields of the message, not of the job. */
  private async checked(body: unknown, options: SubmitOptions): ReturnType<JobsService['submit']> {
    try {
      return await this.jobs.submit(body, options);
    } catch (error) {
      if (!(error instanceof Problem) || !error.options.errors) throw error;
      const errors = error.options.errors.map(({ pointer, detail }) => ({
        pointer: pointer.replace(/^\/input/, '').replace(/^\/message/, '/content'),
        detail,
      }));
      throw new Problem(error.code, error.message, { ...error.options, errors });
    }
  }
}

type Wanted = { [Field in keyof ConversationRequest]: ConversationRequest[Field] | null };

/** A database that is away must not hold up the answer. */
const noteMs = 1_000;

const notFound = ({ conversation }: ConversationKey) =>
  new Problem('conversation-not-found', `There is no conversation ${conversation}.`);

const noMessage = (id: string) => new Problem('message-not-found', `The conversation has no message ${id}.`);
