/** Which part of a job an activity does, as its id in Temporal says it. */
export interface StepId {
  step: string;
  /** The key of the item, for a step that is done for several. */
  item: string | null;
  /** 1, and more after a notice that turned out wrong had stopped the step. */
  round: number;
}

/**
 * The id of a step's activity: `save`, and `write:7` for the item 7 of the step `write`. `extract~2` is the step `extract`
 * again. A key may hold any character; those that have a meaning here, in keys of events and in paths are escaped.
 */
export const activityIdOf = ({ step, item, round }: StepId): string =>
  `${step}${item === null ? '' : `:${escaped(item)}`}${round === 1 ? '' : `~${round}`}`;

/** The reverse of `activityIdOf`. */
export function stepIdOf(activityId: string): StepId {
  const [, name = activityId, round = '1'] = /^(.*?)(?:~(\d+))?$/s.exec(activityId) ?? [];
  const colon = name.indexOf(':');
  const [step, item] = colon === -1 ? [name, null] : [name.slice(0, colon), plain(name.slice(colon + 1))];
  return { step, item, round: Number(round) };
}

/** The step that a Temporal activity belongs to. */
export const stepOf = (activityId: string): string => stepIdOf(activityId).step;

const escaped = (key: string): string =>
  key.replaceAll('%', '%25').replaceAll('~', '%7E').replaceAll('/', '%2F');

const plain = (key: string): string =>
  key.replaceAll('%2F', '/').replaceAll('%7E', '~').replaceAll('%25', '%');
