/**
 * The step that a Temporal activity belongs to. A step's activity has its name for an id. `extract~2` is the step
 * `extract` again: a notice that turned out wrong had stopped it.
 */
export const stepOf = (activityId: string): string => activityId.replace(/~\d+$/, '');
