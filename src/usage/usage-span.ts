import { z } from 'zod';
import { QueryTimeOrDay } from '../openapi/query-time.js';

/** What is summed up when nothing is said: so many days up to now. */
const usualDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

/** The fields of a query that say which calls are meant. */
export const spanFields = {
  from: QueryTimeOrDay.optional().meta({
    description: `Calls made from then on, a day from its start in UTC; unset: ${usualDays} days before "to"`,
  }),
  to: QueryTimeOrDay.optional().meta({ description: 'Calls made before then; unset: until now' }),
};

interface Span {
  from?: string | undefined;
  to?: string | undefined;
}

export const beginsBeforeEnd = ({ from, to }: Span): boolean =>
  !from || !to || Date.parse(from) < Date.parse(to);

export const beforeTo: z.core.$ZodCustomParams = { path: ['from'], message: 'has to be before "to"' };

const timeOf = (text: string | undefined): string | undefined => text && new Date(text).toISOString();

export function spanIn(asked: Span): { from: string; to: string } {
  const to = timeOf(asked.to) ?? new Date().toISOString();
  const usual = new Date(Math.max(0, Date.parse(to) - usualDays * dayMs)).toISOString();
  return { from: timeOf(asked.from) ?? usual, to };
}
