/**
 * A second is promised. A test gives a busy machine three: what it tells apart, a call without a deadline or a wait that
 * nobody ends, takes ten and more.
 */
export const promptMs = 3_000;
