import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

export const bareActivities = {
  first: (): Promise<void> => Promise.resolve(),
  second: (): Promise<void> => Promise.resolve(),
  third: (): Promise<void> => Promise.resolve(),
};

if (import.meta.filename === process.argv[1]) await run();

/** A worker of the SDK and nothing else, with the SDK's own settings. It ends with the process that started it. */
async function run(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  const worker = await Worker.create({
    connection,
    taskQueue: process.env['TEMPORAL_TASK_QUEUE'] ?? '',
    workflowsPath: fileURLToPath(new URL('bare-workflow.js', import.meta.url)),
    activities: bareActivities,
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const running = worker.run();
  process.send?.({ ready: true });
  await running;
  await connection.close();
  process.disconnect();
}
