/** What the global setup leaves for the global teardown, which runs in the same process. */
export const servers: {
  folder?: string;
  running: { stop(): Promise<void> }[];
} = { running: [] };
