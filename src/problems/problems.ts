import { type FailureRow, failures } from '../../job-types/contract/failures.js';
import { makeFailure } from '../../job-types/contract/make-failure.js';
import type { Failure } from '../../job-types/contract/failure.js';

/** Every way a request can be refused. The ways a job can fail are in `job-types/contract/failures.ts`. */
export const problems = {
  'malformed-json': {
    title: 'Body is not JSON',
    status: 400,
    retryable: false,
    advice: 'Send a JSON object in UTF-8, with the header "Content-Type: application/json".',
  },
  'malformed-request': {
    title: 'Request could not be read',
    status: 400,
    retryable: false,
    advice: 'The detail says what is wrong with it.',
  },
  'key-in-url': {
    title: 'API key in the address',
    status: 400,
    retryable: false,
    advice:
      'Send it in the header "Authorization: Bearer <key>". Addresses are kept in logs: revoke this key, and make another.',
  },
  unauthenticated: {
    title: 'API key missing or not valid',
    status: 401,
    retryable: false,
    advice:
      'Send a key in the header "Authorization: Bearer <key>"; the operator makes one with "npm run keys".',
  },
  'host-refused': {
    title: 'Refused without an API key',
    status: 403,
    retryable: false,
    advice:
      'Reach the API as localhost, 127.0.0.1 or the name in HOST, from no other site than those in CORS_ORIGINS; or make an API key.',
  },
  'foreign-origin': {
    title: 'Refused from the page of another origin',
    status: 403,
    retryable: false,
    advice:
      'A session is for the page of this API. Others send a key, or a token for one job, in "Authorization". A proxy in front has to pass "Host" on.',
  },
  'outside-token': {
    title: 'Not what the token is for',
    status: 403,
    retryable: false,
    advice:
      'A token reads one job, its result and its events, and cancels it where "access" says so. Use a key for the rest.',
  },
  'session-needs-key': {
    title: 'A session is opened with a key',
    status: 409,
    retryable: false,
    advice:
      'Send a key in the header "Authorization: Bearer <key>". Where there are no keys, no session is needed.',
  },
  'operator-only': {
    title: 'Only for operators',
    status: 403,
    retryable: false,
    advice:
      'Use the key of an owner in OPERATORS; on its own machine the operator has "npm run keys" as well.',
  },
  'no-key-yet': {
    title: 'There is no API key yet',
    status: 409,
    retryable: false,
    advice: 'The operator makes the first one with "npm run keys -- create <owner>". Nothing was made.',
  },
  'key-not-found': {
    title: 'No such API key',
    status: 404,
    retryable: false,
    advice: 'GET /v1/keys lists them.',
  },
  'request-timed-out': {
    title: 'Request took too long',
    status: 408,
    retryable: true,
    advice: 'Send it again, without pausing.',
  },
  'headers-too-large': {
    title: 'Headers too large',
    status: 431,
    retryable: false,
    advice: 'Send smaller headers, fewer cookies for example.',
  },
  'job-not-found': {
    title: 'No such job',
    status: 404,
    retryable: false,
    advice: 'Check the id.',
  },
  'document-not-found': {
    title: 'No such document',
    status: 404,
    retryable: false,
    advice: 'GET /v1/documents lists yours; the latest version is read without "version".',
  },
  'document-too-long': {
    title: 'Document is too long for this format',
    status: 422,
    retryable: false,
    advice: 'Download it as Markdown, which has no limit.',
  },
  'document-changed': {
    title: 'Document has changed',
    status: 412,
    retryable: false,
    advice: 'Read it again and send your change with the ETag of what you have read. Nothing was saved.',
  },
  'research-not-found': {
    title: 'No such research',
    status: 404,
    retryable: false,
    advice: 'GET /v1/research lists yours; a job of the type researchSubject makes some, and so does a PUT.',
  },
  'research-changed': {
    title: 'Research has changed',
    status: 412,
    retryable: false,
    advice: 'Read it again and send your change with the ETag of what you have read. Nothing was saved.',
  },
  'research-missing': {
    title: 'No research to work from',
    status: 422,
    retryable: false,
    advice:
      'Submit a job of the type researchSubject for it, with a text or sources, and then this one. Nothing was started.',
  },
  'story-not-found': {
    title: 'No such story',
    status: 404,
    retryable: false,
    advice: 'GET /v1/stories lists yours; a job of the type createStory writes one.',
  },
  'story-changed': {
    title: 'Story has changed',
    status: 412,
    retryable: false,
    advice: 'Read it again and send your change with the ETag of what you have read. Nothing was saved.',
  },
  'story-being-written': {
    title: 'Story is being written',
    status: 409,
    retryable: true,
    advice: 'Wait until its job has ended, or cancel it. Nothing was saved.',
  },
  'file-not-found': {
    title: 'No such file',
    status: 404,
    retryable: false,
    advice: 'GET /v1/files lists yours. A file that no job was given goes after a day; upload it again.',
  },
  'file-missing': {
    title: 'No file in the request',
    status: 422,
    retryable: false,
    advice: 'Send the bytes as the body, or one file in a form (multipart/form-data). Nothing was kept.',
  },
  'file-too-large': {
    title: 'File is too large',
    status: 413,
    retryable: false,
    advice: 'Send a smaller one; the operator sets MAX_FILE_BYTES. Nothing was kept.',
  },
  'unclaimed-files-full': {
    title: 'Too many files that no job was given',
    status: 413,
    retryable: false,
    advice:
      'Submit the jobs they are for, or remove some (DELETE /v1/files/{id}); they go after a day. The operator sets MAX_UNCLAIMED_FILES and MAX_UNCLAIMED_BYTES. Nothing was kept.',
  },
  'file-type-wrong': {
    title: 'File is not of the type it is said to be',
    status: 415,
    retryable: false,
    advice: 'Name its type in Content-Type, or none, and check the ending of its name. Nothing was kept.',
  },
  'file-unsafe': {
    title: 'File cannot be opened safely',
    status: 422,
    retryable: false,
    advice:
      'Save it anew with the program it is from, without a password, or send it unpacked. Nothing was kept.',
  },
  'range-not-satisfiable': {
    title: 'No such bytes in the file',
    status: 416,
    retryable: false,
    advice: 'Content-Range has the length of the file.',
  },
  'not-found': {
    title: 'Nothing here',
    status: 404,
    retryable: false,
    advice: 'The routes are listed at /docs.',
  },
  'conversation-not-found': {
    title: 'No such conversation',
    status: 404,
    retryable: false,
    advice: 'Check the id; POST /v1/conversations begins one.',
  },
  'conversation-exists': {
    title: 'Conversation exists already',
    status: 409,
    retryable: false,
    advice: 'Send messages to it, or choose another id.',
  },
  'message-not-found': {
    title: 'No such message in the conversation',
    status: 404,
    retryable: false,
    advice: 'GET /v1/conversations/{id} lists the messages.',
  },
  'idempotency-key-invalid': {
    title: 'Idempotency-Key cannot be used',
    status: 400,
    retryable: false,
    advice: 'Use a random one, such as a UUID, for each job you mean to start. Nothing was started.',
  },
  'idempotency-key-reused': {
    title: 'Idempotency-Key was used for another request',
    status: 422,
    retryable: false,
    advice: '"job" names the job it started; use a new key for a new job. Nothing was started.',
  },
  'concurrency-conflict': {
    title: 'Another job holds the concurrency key',
    status: 409,
    retryable: true,
    advice: '"job" names it; wait for its end, or submit with "onConflict": "queue". Nothing was started.',
  },
  'queue-full': {
    title: 'Too many jobs wait for the concurrency key',
    status: 429,
    retryable: true,
    advice: 'Submit again when some have ended. Nothing was started.',
  },
  'not-waiting': {
    title: 'Job does not wait for this',
    status: 409,
    retryable: false,
    advice: 'Read the job: "waitingFor" says what it waits for.',
  },
  'several-waits': {
    title: 'Job waits for this more than once',
    status: 409,
    retryable: false,
    advice: 'Send the "id" of one of them as well, as "waitingFor" has it.',
  },
  'input-unconfirmed': {
    title: 'Answer not confirmed yet',
    status: 503,
    retryable: true,
    advice: 'Repeat the request, with the same value, after the time in Retry-After.',
  },
  'already-succeeded': {
    title: 'Job succeeded',
    status: 409,
    retryable: false,
    advice: 'There is nothing to retry; POST /v1/jobs/{id}/rerun does all of it again, as a new job.',
  },
  'input-gone': {
    title: 'Input no longer stored',
    status: 410,
    retryable: false,
    advice: 'Submit the job again.',
  },
  'not-finished': {
    title: 'Job has not finished',
    status: 409,
    retryable: true,
    advice: 'Read the job until "done" is true.',
  },
  'no-result': {
    title: 'Job ended without a result',
    status: 409,
    retryable: false,
    advice: 'The job itself says why it ended.',
  },
  'payload-too-large': {
    title: 'Body too large',
    status: 413,
    retryable: false,
    advice: 'Send less; large inputs belong at an address the job can fetch.',
  },
  'unsupported-media-type': {
    title: 'Body is of another media type',
    status: 415,
    retryable: false,
    advice: 'Send JSON that is not compressed, with the header "Content-Type: application/json".',
  },
  'validation-failed': {
    title: 'Request is not valid',
    status: 422,
    retryable: false,
    advice: '"errors" points at each field that is wrong. Nothing was started.',
  },
  'unknown-job-type': {
    title: 'No such job type',
    status: 422,
    retryable: false,
    advice: 'The job types are listed at /v1/job-types. Nothing was started.',
  },
  'unknown-model': {
    title: 'Model not offered',
    status: 422,
    retryable: false,
    advice: 'Name one the operator listed (MODEL, MODELS), or none. Nothing was started.',
  },
  'model-required': {
    title: 'No model for this job',
    status: 422,
    retryable: false,
    advice:
      'The operator sets MODEL (openai/gpt-5-mini, for example) with OPENAI_API_KEY, or with OPENAI_BASE_URL for a local server. Nothing was started.',
  },
  'transcriber-required': {
    title: 'Nothing that could transcribe',
    status: 422,
    retryable: false,
    advice:
      'The operator sets TRANSCRIBE_BASE_URL (https://api.openai.com/v1, or a local server), with TRANSCRIBE_API_KEY where it needs a key. Nothing was started.',
  },
  'price-unknown': failures['price-unknown'],
  'rate-limited': {
    title: 'Too many requests',
    status: 429,
    retryable: true,
    advice:
      'Wait for the time in Retry-After; RateLimit tells what is left, and RATE_LIMIT_* are the limits.',
  },
  'internal-error': failures['internal-error'],
  'too-many-streams': {
    title: 'Too many streams are open',
    status: 429,
    retryable: true,
    advice: 'Close some, or watch several jobs over one WebSocket at /v1/events.',
  },
  'reader-too-slow': {
    title: 'Stream was read too slowly',
    status: 503,
    retryable: true,
    advice: 'Connect again with the number of the last event; none is lost.',
  },
  stopping: {
    title: 'This process is shutting down',
    status: 503,
    retryable: true,
    advice: 'Connect again; another process, or the next one, goes on.',
  },
  'temporal-unavailable': {
    title: 'Temporal does not answer',
    status: 503,
    retryable: true,
    advice: 'Repeat the request after the time in Retry-After.',
  },
  'storage-unavailable': failures['storage-unavailable'],
  'storage-full': failures['storage-full'],
} as const satisfies Record<string, FailureRow>;

export type ProblemCode = keyof typeof problems;

export interface ProblemOptions {
  errors?: Failure['errors'];
  /** Seconds. */
  retryAfter?: number;
  /** Sent with the problem. */
  headers?: Readonly<Record<string, string>>;
  /** Id of the job in the way. */
  job?: string;
  cause?: unknown;
}

/** A refused request. `detail` is one sentence on what is wrong; what to do about it is added from the table. */
export class Problem extends Error {
  override name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
  }

  toFailure(): Failure {
    const { retryAfter, job, errors } = this.options;
    return makeFailure(this.code, problems[this.code], { detail: this.message, retryAfter, job, errors });
  }
}
