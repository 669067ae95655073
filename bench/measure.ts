import { type Pair, type Estimate, estimate, median } from './pairs.js';

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** What the value counts; `times` is a ratio of two things measured in turn. */
  readonly unit: 'times' | 'calls' | 'calls a poll' | 'polls a call' | 'MB' | 'kB' | 's' | 'ms' | 'events';
  readonly interval?: Estimate['interval'];
  /** Absent: shown for understanding, not judged. */
  readonly goal?: Goal;
  /** The figures behind the value. */
  readonly detail: string;
}

export type Verdict = 'pass' | 'miss' | 'shown';

export function verdictOf({ value, goal }: Measure): Verdict {
  if (!goal) return 'shown';
  const met = 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
  return met ? 'pass' : 'miss';
}

/** A measure made of pairs, with the medians of both sides as its detail. */
export function ratio(
  pairs: readonly Pair[],
  options: { name: string; goal?: Goal; unit: string; subject: string; denominator: string },
): Measure {
  const { unit, subject, denominator, ...rest } = options;
  const { ratio: value, interval } = estimate(pairs);
  const side = (name: string, values: number[]) => `${name} ${short(median(values))} ${unit}`;
  const detail = [
    side(
      subject,
      pairs.map((pair) => pair.subject),
    ),
    side(
      denominator,
      pairs.map((pair) => pair.denominator),
    ),
    `${pairs.length} pairs`,
  ].join(', ');
  return { ...rest, value, unit: 'times', interval, detail };
}

/** Three significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
