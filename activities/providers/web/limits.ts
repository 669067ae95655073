export interface WebLimits {
  /** One attempt, redirects and body included. */
  totalMs: number;
  connectMs: number;
  /** From the request to the last header. */
  headersMs: number;
  /** Between two pieces of the body. */
  idleMs: number;
  headerBytes: number;
  /** Over the wire and, separately, decoded. */
  bodyBytes: number;
  redirects: number;
}

/** The step gives an attempt 45 s, which leaves time to read and store the page. */
export const defaultWebLimits: WebLimits = {
  totalMs: 30_000,
  connectMs: 10_000,
  headersMs: 20_000,
  idleMs: 10_000,
  headerBytes: 32 * 1024,
  bodyBytes: 5_000_000,
  redirects: 5,
};
