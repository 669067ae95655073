/** Bytes of a request's body; a job's large inputs are fetched or uploaded, not submitted. */
export const bodyLimit = 1024 * 1024;

/** Levels of a body. No field has as many, and what is written by recursion ends at some thousands. */
export const depthLimit = 100;

/** Characters of an id in a path. */
export const idLimit = 250;
