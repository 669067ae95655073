/** Bytes of a request's body; a job's large inputs are fetched or uploaded, not submitted. */
export const bodyLimit = 1024 * 1024;

/** Levels of a body. No field has as many, and what is written by recursion ends at some thousands. */
export const depthLimit = 100;

/**
 * The same of what a person answers a job, and of what people write: what was shown can be sent back. The longest list
 * that a model's answer can show is two million characters, and the longest way to write one of them takes six bytes.
 */
export const answerLimit = 12 * 1024 * 1024;

/** Characters of an id in a path. */
export const idLimit = 250;
