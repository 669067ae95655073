import type { Connection } from '@temporalio/client';

export interface RpcCounter {
  /** How often a method of the Temporal server was called, such as `QueryWorkflow`; without a name, all of them. */
  count(method?: string): number;
  /** Names of the methods called so far. */
  methods(): string[];
}

interface RpcMethod {
  name: string;
}
type RpcCall = (method: RpcMethod, ...rest: unknown[]) => unknown;

/** Counts what a connection really sends to the Temporal server from now on; what is sent is not changed. */
export function countRpcs(connection: Connection): RpcCounter {
  const counts = new Map<string, number>();
  const service = connection.workflowService as unknown as { rpcImpl: RpcCall };
  const send = service.rpcImpl;
  service.rpcImpl = function (this: unknown, method, ...rest) {
    counts.set(method.name, (counts.get(method.name) ?? 0) + 1);
    return send.call(this, method, ...rest);
  };
  return {
    count: (method) =>
      method === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(method) ?? 0),
    methods: () => [...counts.keys()].sort(),
  };
}
