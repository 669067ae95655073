export interface InboxSearch {
  /** Id of the job that is decided on. */
  job?: string | undefined;
}

export const toInboxSearch = (search: Record<string, unknown>): InboxSearch => {
  const { job } = search;
  // The router takes what reads like a number for one.
  return (typeof job === 'string' && job !== '') || typeof job === 'number' ? { job: String(job) } : {};
};
