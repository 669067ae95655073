import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';

/** What the API refused, as it said it. */
export class Refused extends Error {
  override name = 'Refused';
}

/** The API as a client sees it: plain HTTP and JSON. @throws {Refused} */
export function createApiClient(base: string, key?: string) {
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(path, base), {
      signal: AbortSignal.timeout(10_000),
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    const { title, detail, code, errors = [] } = answer as Failure;
    const said = errors.length > 0 ? `${title}:` : detail;
    const hint = code === 'unauthenticated' ? ['The demo sends the one in API_KEY.'] : [];
    throw new Refused(
      [said, ...errors.map((error) => `  ${error.pointer}: ${error.detail}`), ...hint].join('\n'),
    );
  };
  return {
    submit: (type: string, input: unknown) => call<Job>('/v1/jobs', { type, input }),
    job: (id: string) => call<Job>(`/v1/jobs/${id}`),
    cancel: (id: string, reason: string) => call<Job>(`/v1/jobs/${id}/cancel`, { reason }),
    end: (id: string, reason: string) => call<Job>(`/v1/jobs/${id}/cancel`, { mode: 'force', reason }),
  };
}

export type ApiClient = ReturnType<typeof createApiClient>;
