/** One side of a comparison: runs a short block of work and gives its figure, such as jobs a second. */
export type Block = () => Promise<number>;

export interface Pair {
  readonly subject: number;
  readonly denominator: number;
}

export interface Estimate {
  /** Median of the pairs' ratios. */
  readonly ratio: number;
  /** Bootstrap 90 % interval of that median. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * Runs both sides in turn, and the other one first in every second pair (ABBA). A machine that slows down or speeds
 * up during the run then favours neither.
 */
export async function alternate(
  sides: { subject: Block; denominator: Block },
  { pairs }: { pairs: number },
): Promise<Pair[]> {
  const measured: Pair[] = [];
  for (let index = 0; index < pairs; index += 1) {
    if (index % 2 === 0) {
      const subject = await sides.subject();
      measured.push({ subject, denominator: await sides.denominator() });
    } else {
      const denominator = await sides.denominator();
      measured.push({ subject: await sides.subject(), denominator });
    }
  }
  return measured;
}

const resamples = 2_000;

/** The same pairs give the same interval. @throws {RangeError} without pairs, or for a denominator that is not above 0 */
export function estimate(pairs: readonly Pair[]): Estimate {
  if (pairs.some(({ denominator }) => !(denominator > 0))) {
    throw new RangeError('A ratio needs a denominator above 0.');
  }
  const ratios = pairs.map(({ subject, denominator }) => subject / denominator);
  const random = randomFrom(ratios.length);
  const medians = Array.from({ length: resamples }, () =>
    median(ratios.map(() => ratios[Math.floor(random() * ratios.length)] ?? 0)),
  );
  return { ratio: median(ratios), interval: [quantile(medians, 0.05), quantile(medians, 0.95)] };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values it lies on the line that joins them. @throws {RangeError} without values */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('There are no values.');
  return below + (above - below) * (position - Math.floor(position));
}

/** Standard deviation over mean. */
export function variation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(square) / mean;
}

/** mulberry32: small, and even enough to draw a few thousand samples with. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
