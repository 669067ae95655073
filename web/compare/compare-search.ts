/** Which jobs stand side by side: ids between commas. */
export interface CompareSearch {
  jobs: string;
}

export const toCompareSearch = ({ jobs }: Record<string, unknown>): CompareSearch => ({
  jobs: typeof jobs === 'string' ? jobs : '',
});

/** Two that are compared; what else is named is passed over. */
export const pairOf = ({ jobs }: CompareSearch): readonly string[] =>
  [...new Set(jobs.split(',').map((id) => id.trim()))].filter((id) => id !== '').slice(0, 2);
