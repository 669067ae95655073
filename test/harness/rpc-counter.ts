import type { Connection } from '@temporalio/client';

export interface RpcCounter {
  /** How often a method of the Temporal server was called, such as `queryWorkflow`; without a name, all of them. */
  count(method?: string): number;
}

type Rpc = (...args: unknown[]) => unknown;

/** Counts what is asked of the Temporal server over a connection from now on; what is asked is not changed. */
export function countRpcs(connection: Connection): RpcCounter {
  const counts = new Map<string, number>();
  const service = connection.workflowService as unknown as Record<string, unknown>;
  for (const [name, call] of Object.entries(service)) {
    if (typeof call !== 'function') continue;
    service[name] = function (this: unknown, ...args: unknown[]) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return (call as Rpc).apply(this, args);
    };
  }
  return {
    count: (method) =>
      method === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(method) ?? 0),
  };
}
