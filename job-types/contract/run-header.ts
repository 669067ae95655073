/** The header by which an activity of a run that continues another is told which run it counts for. */
export const runHeader = 'longhaul-run';

/** The header by which an activity is told what its job may spend. */
export const budgetHeader = 'longhaul-budget';

/** What tells an activity whose job it is: Temporal leaves its priority out where it hands it out with a decision. */
export const ownerHeader = 'longhaul-owner';
