import { Connection, type ConnectionOptions } from '@temporalio/client';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from '../config.js';

/**
 * Address, TLS and API key: ours where the configuration has them, otherwise from the SDK's own variables (TEMPORAL_*)
 * and profile file.
 */
export function connectionOptions(config: Config) {
  const { connectionOptions: fromEnvironment } = loadClientConnectConfig();
  return {
    ...fromEnvironment,
    address: config.TEMPORAL_ADDRESS ?? fromEnvironment.address ?? '127.0.0.1:7233',
  };
}

/**
 * One more try, soon. The SDK would sleep 1.4 to 2 s after the refusal of a busy server. Our calls may not take
 * that long, and the SDK would sleep on past their deadline.
 */
const retries = defaultGrpcRetryOptions({ maxAttempts: 2, initialIntervalMs: () => 100 });

/**
 * Does no I/O. Set so that an outage shows within a second and ends by itself. The SDK's own ten tries take 20 s.
 * The transport would otherwise wait up to two minutes before it looks for the server again.
 */
export function lazyConnection(config: Config): Connection {
  const options: ConnectionOptions = {
    ...connectionOptions(config),
    interceptors: [makeGrpcRetryInterceptor(retries)],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 },
  };
  return Connection.lazy(options);
}
