/** Bytes of a request's body; a job's large inputs are fetched or uploaded, not submitted. */
export const bodyLimit = 1024 * 1024;

/** Characters of an id in a path. */
export const idLimit = 250;
