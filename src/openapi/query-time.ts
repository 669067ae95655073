import { z } from 'zod';

/** What is left of `+01:00` in an address: there, a plus sign that is not escaped means a space. */
const lostPlus = /T[\d:.]+ \d{2}:?\d{2}$/;

const hint = ({ input }: { input?: unknown }): string | undefined =>
  typeof input === 'string' && lostPlus.test(input)
    ? 'has a space where the plus sign of its time zone was; write "+" as %2B in an address'
    : undefined;

/** A time in a query, with its zone. */
export const QueryTime = z.iso.datetime({ offset: true, error: hint });

/** Of those before and after, not all can be written in what the database reads. What is no time is said elsewhere. */
const isStorable = (text: string): boolean => {
  const at = Date.parse(text);
  return Number.isNaN(at) || (at >= 0 && at < Date.UTC(10_000, 0));
};

/** A time in a query, or a day from its start in UTC. */
export const QueryTimeOrDay = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: hint })
  .refine(isStorable, 'has to be between the years 1970 and 9999');
