import { useSearch } from '@tanstack/react-router';

/** Days up to today, both included. */
export const ranges = [7, 30, 90] as const;

export interface SpendSearch {
  days: (typeof ranges)[number];
}

/** What somebody has typed there and nothing can make of is passed over. */
export const toSpendSearch = (search: Record<string, unknown>): SpendSearch => ({
  days: ranges.find((days) => days === Number(search['days'])) ?? 30,
});

export const useSpendSearch = (): SpendSearch => toSpendSearch(useSearch({ strict: false }));

const dayMs = 24 * 60 * 60 * 1000;

/** The oldest first. @param today as the API names a day */
export const daysUntil = (today: string, days: number): string[] =>
  Array.from({ length: days }, (_, index) =>
    new Date(Date.parse(today) - (days - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
