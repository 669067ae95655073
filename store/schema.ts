import type { ColumnType, Generated, Selectable } from 'kysely';
import type { CallOutcome } from '../job-types/contract/call.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { FailureCode } from '../job-types/contract/failures.js';
import type { DocumentKind } from '../job-types/fields/document.js';
import type { Research } from '../job-types/fields/research.js';
import type { PlannedSegment } from '../job-types/fields/story-plan.js';
import type { MissingSegment, SegmentReview, StoryLine, StoryParts } from '../job-types/fields/story.js';
import type { Usage } from '../job-types/contract/job.js';

/** Every table, as `migrations/` leaves it. */
export interface Schema {
  api_keys: ApiKeysTable;
  passes: PassesTable;
  words: WordsTable;
  texts: TextsTable;
  documents: DocumentsTable;
  document_versions: DocumentVersionsTable;
  aliases: AliasesTable;
  receipts: ReceiptsTable;
  outcomes: OutcomesTable;
  event_logs: EventLogsTable;
  events: EventsTable;
  owner_feeds: OwnerFeedsTable;
  owner_events: OwnerEventsTable;
  cancellations: CancellationsTable;
  concurrency_queue: ConcurrencyQueueTable;
  large_values: LargeValuesTable;
  model_calls: ModelCallsTable;
  attempts_under_way: AttemptsUnderWayTable;
  kept_answers: KeptAnswersTable;
  answered_keys: AnsweredKeysTable;
  fork_claims: ForkClaimsTable;
  refused_tasks: RefusedTasksTable;
  conversations: ConversationsTable;
  conversation_turns: ConversationTurnsTable;
  research: ResearchTable;
  research_versions: ResearchVersionsTable;
  stories: StoriesTable;
  story_segments: StorySegmentsTable;
  story_versions: StoryVersionsTable;
  workbook_chats: WorkbookChatsTable;
  workbook_messages: WorkbookMessagesTable;
  workbook_files: WorkbookFilesTable;
  workbook_jobs: WorkbookJobsTable;
  places: PlacesTable;
  files: FilesTable;
  file_chunks: FileChunksTable;
  file_jobs: FileJobsTable;
}

/** A row as a query gives it. */
export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;

/** graceful: the job is asked, and ended by force at the deadline. force: it is ended at once. */
export type CancelMode = 'graceful' | 'force';

/** The keys that clients send. A revoked one stays, so that revoking the last key opens nothing. */
interface ApiKeysTable {
  id: string;
  owner: string;
  /** SHA-256 of the whole key. */
  hash: Buffer;
  created_at: ColumnType<Date, never, never>;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

/** What keys lend for a while, one row a session or token; gone soon after its end. */
interface PassesTable {
  id: string;
  /** SHA-256 of the whole secret. */
  hash: Buffer;
  owner: string;
  key_id: string | null;
  /** Null for a session. */
  job_id: string | null;
  access: 'read' | 'read-and-cancel' | null;
  expires_at: Date;
}

/** The vocabulary of each owner, one row a word, theme and pair of languages. */
interface WordsTable {
  id: Generated<string>;
  owner: string;
  source_lang: string;
  target_lang: string;
  theme: string;
  word: string;
  lemma: string | null;
  part_of_speech: string | null;
  gender: string | null;
  translation: string | null;
  examples: string[];
  /** Null for a word that was found nowhere: it was made for its theme, or given by a person. */
  source_url: string | null;
  job_id: string;
  created_at: ColumnType<Date, never, never>;
  updated_at: ColumnType<Date, never, Date>;
}

/** Texts that a step has fetched, too large for a history. Jobs hand each other the id. */
interface TextsTable {
  id: Generated<string>;
  root_job_id: string;
  step: string;
  /** Of a step that is done for several; empty otherwise. */
  item: Generated<string>;
  owner: string;
  url: string;
  title: string | null;
  language: string | null;
  body: string;
  created_at: ColumnType<Date, never, never>;
}

/** What jobs have written for people: one row an application and kind. */
interface DocumentsTable {
  id: Generated<string>;
  owner: string;
  application_id: string;
  kind: DocumentKind;
  /** The latest of the versions that a job has taken back; 0 where none has. */
  last_deleted: Generated<number>;
  created_at: ColumnType<Date, never, never>;
}

/** How a document has read, from the first version on. */
interface DocumentVersionsTable {
  document_id: string;
  /** From 1. */
  version: number;
  title: string;
  markdown: string;
  /** What wrote it, as provider/model or "rules"; null for a person. */
  provider: string | null;
  notes: string[];
  /** Null for a version that a person has written. */
  job_id: string | null;
  /** Public id of the API key that wrote it; null without keys, and for a job's. */
  written_by: string | null;
  created_at: ColumnType<Date, never, never>;
}

/** What jobs of a type are found by besides their ids: the latest one of a subject, for example. */
interface AliasesTable {
  owner: string;
  system: string;
  name: string;
  job_id: string;
  pointed_at: ColumnType<Date, never, Date>;
}

/** The stored outcome of a step's effect. */
interface ReceiptsTable {
  root_job_id: string;
  step: string;
  /** Of a step that is done for several; empty otherwise. */
  item: Generated<string>;
  run_id: string;
  outcome: ColumnType<unknown, string | null, string | null>;
  voided: boolean;
  /** SHA-256 of what was asked or was to be written. Null: kept before there were any. */
  fingerprint: Generated<Buffer | null>;
  /** The run that gave the step up although the effect of an earlier run stays. */
  ruled_out: Generated<string | null>;
  /** What a fork may have a copy of; null for an effect, and for what is from before there were forks. */
  kind: Generated<'paid' | 'reused' | null>;
  /** The root of the job that did it, where this is a copy. */
  copied_from: Generated<string | null>;
  created_at: ColumnType<Date, never, never>;
}

/** How a job ended, for as long as the database lives: the archive. */
interface OutcomesTable {
  job_id: string;
  run_id: string;
  type: string;
  owner: string;
  status: string;
  job: ColumnType<unknown, string, string>;
  finished_at: ColumnType<Date, string, string>;
  archived_at: ColumnType<Date, never, Date>;
  /** What its calls had cost by then; null without a call. */
  usage: ColumnType<Usage | null, never, null>;
}

/** How far the event log of a job has got, and what the job is about, null until somebody has told. */
interface EventLogsTable {
  job_id: string;
  last_seq: number;
  attempts: Record<string, number>;
  sealed: boolean;
  owner: string | null;
  type: string | null;
  subject: string | null;
  tags: string[] | null;
  /** The newest run that it has heard of. */
  run_id: string | null;
}

/** The entries of all event logs. */
interface EventsTable {
  job_id: string;
  seq: number;
  key: string;
  type: string;
  time: ColumnType<Date, string, string>;
  step: string | null;
  /** Of a step that is done for several. */
  item: string | null;
  attempt: number | null;
  data: ColumnType<Record<string, unknown>, string, string>;
}

/** How far the feed of an owner has got. */
interface OwnerFeedsTable {
  owner: string;
  last_seq: ColumnType<string, never, never>;
}

/** The entries of all feeds; each names an entry of a job's log. */
interface OwnerEventsTable {
  owner: string;
  seq: ColumnType<string, never, never>;
  job_id: string;
  event_seq: number;
}

/** When, why and until when a job was asked to stop. */
interface CancellationsTable {
  job_id: string;
  requested_at: ColumnType<Date, never, never>;
  reason: string | null;
  /** The run that was asked to stop: what a terminate is pinned to. */
  run_id: string | null;
  mode: Generated<CancelMode>;
  deadline: ColumnType<Date | null, string | null, string | null>;
  /** When the run was seen closed, or was terminated; null while the deadline is armed. */
  settled_at: ColumnType<Date | null, string | null, string | null>;
  escalated: Generated<boolean>;
  /** When the workers were told; null while Temporal may not have the request yet. */
  announced_at: ColumnType<Date | null, never, never>;
  /** Public id of the API key that asked; null without keys. */
  requested_by: string | null;
}

/** Who holds a concurrency key, and who waits for it. */
interface ConcurrencyQueueTable {
  position: Generated<string>;
  owner: string;
  type: string;
  key: string;
  job_id: string;
  entered_at: ColumnType<Date, never, never>;
  /** The job's run has seen that the key is its own, and works; one row a key at most. */
  held: Generated<boolean>;
  /** Of the request that took the place, when it came with an Idempotency-Key. */
  fingerprint: string | null;
}

/** Which job answers a request with an Idempotency-Key that found its concurrency key taken. */
interface AnsweredKeysTable {
  /** That the Idempotency-Key stands for, and that was not started. */
  job_id: string;
  fingerprint: string;
  answer: string;
  created_at: ColumnType<Date, never, never>;
}

interface ForkClaimsTable {
  /** That the Idempotency-Key stands for. */
  job_id: string;
  fingerprint: string;
  /** With this fingerprint, those apart that certainly have started nothing. */
  calls: number;
}

/** Values that are too large for a history, by the SHA-256 of their bytes. */
interface LargeValuesTable {
  hash: Buffer;
  value: ColumnType<Buffer, Uint8Array, never>;
  created_at: ColumnType<Date, never, never>;
}

/** Comes as text, because a number of JavaScript does not hold it exactly. */
type Usd = ColumnType<string | null, number | null, number | null>;

/** The ledger: one row a call of a model, written before the request. */
interface ModelCallsTable {
  id: Generated<string>;
  job_id: string;
  root_job_id: string;
  owner: string;
  job_type: string;
  run_id: string;
  step: string;
  item: string | null;
  /** The id of the activity in Temporal: tells a step that runs again from its first run. */
  activity: string;
  attempt: number;
  /** provider/model, as configured. */
  model: string;
  /** Name and version: "choose-words@1f3a90c2". */
  prompt: string;
  /** The provider's own id of its answer; null until the call is settled, and where it gave none. */
  provider_id: string | null;
  /** The stream's own name of the model that answered; null where it gave none. */
  answered_by: string | null;
  started_at: ColumnType<Date, string, never>;
  first_token_ms: number | null;
  settled_at: Date | null;
  /** Cached ones included. Our estimate until the call is settled. */
  input_tokens: number;
  cached_input_tokens: number | null;
  /** Reasoning included. */
  output_tokens: Generated<number>;
  reasoning_tokens: number | null;
  /** Of a call of a transcriber: what it was given to hear. Null of a model's. */
  audio_seconds: number | null;
  /** Null where no price is known. */
  cost_usd: Usd;
  /** What a million more output tokens of this call would cost; null where no price is known. */
  output_mtok_usd: Usd;
  /** Of a reused answer: what it cost the job that asked for it. */
  saved_usd: Usd;
  /** What it may come to, which its budget has set aside while the call is under way; null without a budget. */
  reserved_usd: Usd;
  reserved_tokens: number | null;
  /** Null while the call is under way. */
  outcome: CallOutcome | null;
  failure_code: FailureCode | null;
  /** Whether the tokens are counted by us. */
  estimated: Generated<boolean>;
}

/** What the workers are doing, by the number whose lock each of them holds. A crash of the server empties it. */
interface AttemptsUnderWayTable {
  /** Temporal's, of this attempt alone. */
  task_token: Buffer;
  worker: number;
  job_id: string;
  run_id: string;
  activity: string;
  attempt: number;
}

/** What models have answered, as it came, until the job is over. */
interface KeptAnswersTable {
  /** Of the call in the ledger. */
  call_id: string;
  job_id: string;
  answer: ColumnType<unknown, string, never>;
  /** How many later attempts have read it. */
  reads: Generated<number>;
}

/** Tasks of another system's page that could not be started, which that system would have started and failed. */
interface RefusedTasksTable {
  id: string;
  owner: string;
  /** As that system calls it: "theme_create". */
  type: string;
  /** A sentence for the person. */
  error: string;
  created_at: ColumnType<Date, never, never>;
}

/** A deleted one stays as a row without content, so that a reply that comes late finds no place. */
export interface ConversationsTable {
  number: Generated<string>;
  owner: string;
  id: string;
  title: string | null;
  system: string | null;
  /** Asked where a message names none. */
  model: string | null;
  last_turn: Generated<number>;
  created_at: ColumnType<Date, never, Date>;
  updated_at: ColumnType<Date, never, Date>;
  deleted_at: ColumnType<Date | null, never, Date | null>;
}

/** cut: at the length limit. stopped: what was said until then. failed: there is no reply, and failure says why. */
export type ReplyStatus = 'complete' | 'cut' | 'stopped' | 'failed';

/** A message of a conversation, and the reply to it. */
export interface ConversationTurnsTable {
  owner: string;
  conversation: string;
  turn: number;
  root_job_id: string;
  /** The last job of the chain of retries that has begun. */
  job_id: string;
  message_id: string;
  /** Null where the assistant opens the conversation. */
  message: string | null;
  begun: Generated<boolean>;
  /** Said anew by a later turn. */
  replaced: Generated<boolean>;
  reply: string | null;
  /** Null until the reply is saved. */
  reply_status: ReplyStatus | null;
  model: string | null;
  failure: ColumnType<Failure | null, string | null, string | null>;
  created_at: ColumnType<Date, never, never>;
  replied_at: ColumnType<Date | null, never, Date>;
}

/** What is known of a subject. One that was deleted stays as a row without versions. */
interface ResearchTable {
  id: Generated<string>;
  owner: string;
  subject: string;
  /** The latest of the versions that a person has deleted or a job taken back; 0 where nobody has. */
  last_deleted: Generated<number>;
  created_at: ColumnType<Date, never, never>;
}

/** How research has read, from the first version on. */
interface ResearchVersionsTable {
  research_id: string;
  /** From 1. */
  version: number;
  content: ColumnType<Research, string, never>;
  /** The pages it was made from. */
  sources: string[];
  /** What structured it, as provider/model or "rules"; null for a person. */
  provider: string | null;
  notes: string[];
  /** Null for a version that a person has written. */
  job_id: string | null;
  /** Public id of the API key that wrote it; null without keys, and for a job's. */
  written_by: string | null;
  created_at: ColumnType<Date, never, never>;
}

/** A job and its retries write one story. A subject may have several; the one that was finished last is read. */
interface StoriesTable {
  id: Generated<string>;
  owner: string;
  subject: string;
  player: string;
  root_job_id: string;
  /** The last job of the chain of retries that has begun. */
  job_id: string;
  research_version: number;
  title: string;
  plan: ColumnType<PlannedSegment[], string, string>;
  status: Generated<'writing' | 'complete' | 'partial'>;
  /** Planned segments that failed for good. */
  missing: ColumnType<MissingSegment[], string | undefined, string>;
  /** What planned it. */
  provider: string;
  /** The latest of its versions; 1 is what its job wrote. */
  version: Generated<number>;
  created_at: ColumnType<Date, never, never>;
  finished_at: ColumnType<Date | null, null | undefined, Date | null>;
}

/** A segment has a body or lines. */
interface StorySegmentsTable {
  story_id: string;
  number: number;
  body: string | null;
  lines: ColumnType<StoryLine[] | null, string | null, string | null>;
  /** How often it was written. */
  rounds: number;
  review: ColumnType<SegmentReview | null, string | null, string | null>;
  /** Why nobody reviewed it. */
  review_failure: string | null;
  provider: string;
  job_id: string;
  created_at: ColumnType<Date, never, never>;
}

/** What a person has made of a story. */
interface StoryVersionsTable {
  story_id: string;
  version: number;
  title: string;
  /** All that people have written by then, by the numbers of the segments. */
  parts: ColumnType<StoryParts, string, never>;
  /** Public id of the API key that wrote it; null without keys. */
  written_by: string | null;
  created_at: ColumnType<Date, never, never>;
}

/** What a person has uploaded or a job has made. */
interface FilesTable {
  number: Generated<string>;
  id: string;
  owner: string;
  /** For people alone: it is never a path. */
  name: Generated<string>;
  media_type: Generated<string>;
  /** Bytes. */
  size: Generated<string>;
  sha256: Buffer | null;
  created_at: ColumnType<Date, never, never>;
  /** When the last chunk came. */
  touched_at: ColumnType<Date, never, Date>;
  /** Null while its chunks are still coming; nobody sees it then. */
  stored_at: ColumnType<Date | null, never, Date>;
  /** Whether a job was given it, of an upload. A trigger keeps it. */
  given: ColumnType<boolean, never, never>;
  /** The job whose step makes it; null for an upload, as are the columns below. */
  made_by: string | null;
  /** Which of the files of the job: one takes the place of the one before. */
  place: string | null;
  /** Run and activity, within which attempts are counted. */
  scope: string | null;
  attempt: number | null;
}

/** A file in pieces of one size, the last of them as long as it is. */
interface FileChunksTable {
  file_id: string;
  /** From 0. */
  number: number;
  bytes: ColumnType<Buffer, Uint8Array, never>;
}

/** Which jobs a file belongs to: those that were given it, or made it. */
interface FileJobsTable {
  file_id: string;
  job_id: string;
  claimed_at: ColumnType<Date, never, never>;
}

interface WorkbookChatsTable {
  owner: string;
  id: string;
  participant: string;
  /** What was asked last, for which there is no file yet. */
  request: string | null;
  /** The job whose plan waits for a person. */
  pending_job: string | null;
  /** The job whose plan was confirmed last, and which plan; null once something was said or uploaded since. */
  decided_job: string | null;
  decided_plan: string | null;
  /** The job was started with the plan, and nobody is told. */
  decided_at_start: Generated<boolean>;
  created_at: ColumnType<Date, never, never>;
  updated_at: ColumnType<Date, never, Date>;
}

interface WorkbookMessagesTable {
  number: Generated<string>;
  owner: string;
  chat: string;
  kind: 'user' | 'system' | 'file_upload';
  content: string;
  data: ColumnType<Record<string, unknown>, string, string>;
  created_at: ColumnType<Date, never, never>;
}

interface WorkbookFilesTable {
  number: Generated<string>;
  owner: string;
  chat: string;
  /** What the conversation calls it: each name once. */
  name: string;
  file_id: string;
  created_at: ColumnType<Date, never, never>;
}

interface WorkbookJobsTable {
  job_id: string;
  number: Generated<string>;
  owner: string;
  chat: string;
  /** As it was confirmed. */
  plan: ColumnType<unknown, string | null, string | null>;
  created_at: ColumnType<Date, never, never>;
  confirmed_at: ColumnType<Date | null, never, Date | null>;
  declined_at: ColumnType<Date | null, never, Date | null>;
}

/** The queues of jobs of which so many of an owner run at once. */
interface PlacesTable {
  job_id: string;
  owner: string;
  kind: string;
  lane: string | null;
  position: Generated<string>;
  held: Generated<boolean>;
}
