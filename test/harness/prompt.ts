/**
 * A second is promised. A test gives a busy machine three. A call without a deadline, and a wait that nobody ends, take ten
 * and more.
 */
export const promptMs = 3_000;
