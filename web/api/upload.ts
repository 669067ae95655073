import type { Failure, StoredFile } from '../../client/index.js';
import { isFailure } from '../../client/react/to-failure.js';
import { keyWanted } from './access.js';
import { ProblemError } from './problem-error.js';

/** An upload that can be tried again as it was. */
export const brokenOff: Failure = {
  type: '/problems',
  title: 'The upload broke off',
  status: 0,
  detail:
    'The file cannot be read, the API cannot be reached, or the session is over. Nothing was kept: try again.',
  code: 'unreachable',
  retryable: true,
};

export interface Sending {
  signal: AbortSignal;
  /** @param part from 0 to 1 of its bytes are sent */
  onSent(part: number): void;
}

/**
 * Sends one file as it is. `fetch` does not tell how much is sent, and so this is no call of the client.
 * @throws {ProblemError} and what the signal is aborted with
 */
export function upload(file: File, { signal, onSent }: Sending): Promise<StoredFile> {
  const { promise, resolve, reject } = Promise.withResolvers<StoredFile>();
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    onSent(total === 0 ? 0 : loaded / total),
  );
  request.addEventListener('load', () => {
    const { status, response } = request as { status: number; response: unknown };
    if (status === 401) keyWanted.set(true);
    if (status === 201) resolve(response as StoredFile);
    // After a 401 it can be tried again once somebody has signed in.
    else reject(new ProblemError(isFailure(response) && status !== 401 ? response : brokenOff));
  });
  request.addEventListener('error', () => reject(new ProblemError(brokenOff)));
  request.addEventListener('abort', () => reject(signal.reason));
  request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
  signal.addEventListener('abort', abort);
  request.open('POST', `/v1/files?name=${encodeURIComponent(file.name.toWellFormed())}`);
  request.responseType = 'json';
  request.setRequestHeader('content-type', file.type || 'application/octet-stream');
  request.send(file);
  return promise;
}
