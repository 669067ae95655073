/**
 * The step that a Temporal activity belongs to. A step's activity has its name for an id; `extract~2` is the step
 * `extract`, run again by the frame after it was stopped by a notice that turned out wrong.
 */
export const stepOf = (activityId: string): string => activityId.replace(/~\d+$/, '');
