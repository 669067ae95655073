import { type LogDependencies, createLogActivities } from './log.js';
import { type OutcomeDependencies, createOutcomeActivities } from './outcome.js';
import { type PlaceDependencies, createPlaceActivities } from './place.js';
import { type RunDependencies, createRunActivities } from './run.js';
import { type TurnDependencies, createTurnActivities } from './turn.js';

export type FrameDependencies = LogDependencies &
  OutcomeDependencies &
  PlaceDependencies &
  RunDependencies &
  TurnDependencies;

/** The activities of the frame itself: no steps that a person knows, and not in the log as such. */
export const createFrameActivities = (deps: FrameDependencies) => ({
  ...createOutcomeActivities(deps),
  ...createRunActivities(deps),
  ...createPlaceActivities(deps),
  ...createTurnActivities(deps),
  ...createLogActivities(deps),
});

export type FrameActivities = ReturnType<typeof createFrameActivities>;
