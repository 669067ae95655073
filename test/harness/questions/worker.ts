import { join } from 'node:path';
import { Context, log } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { createCancelNotices } from '../../../activities/frame/cancel-notices.js';
import { createEventWriter } from '../../../activities/frame/event-writer.js';
import { StepInterceptor } from '../../../activities/frame/interceptors.js';
import { createFrameActivities } from '../../../activities/frame/own.js';
import { callTurn, isOpen } from '../../../src/temporal/turn-calls.js';
import { createConcurrency } from '../../../store/concurrency.js';
import type { Database } from '../../../store/database.js';
import { createEvents } from '../../../store/events.js';
import { createJobOver } from '../../../store/job-over.js';
import { createOutcomes } from '../../../store/outcomes.js';
import { createPlaces } from '../../../store/places.js';
import { createReceipts } from '../../../store/receipts.js';

export interface QuestionsWorker {
  /** Of the workflow that it runs. */
  code: string;
  close(): Promise<void>;
}

/** A worker in this process, with the frame's own activities as the deployed one has them. */
export async function startQuestionsWorker(
  db: Database,
  { address, taskQueue }: { address: string; taskQueue: string },
): Promise<QuestionsWorker> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, 'workflow.js'),
    logger: new DefaultLogger('ERROR'),
  });
  const events = createEvents(db);
  const onError = (error: unknown) => void process.stderr.write(`${String(error)}\n`);
  const writer = createEventWriter(events, { onError });
  const notices = createCancelNotices({ announced: async () => [], onError });
  const turns = {
    concurrency: createConcurrency(db),
    isOpen: (jobId: string, key: string) => isOpen(Context.current().client, { jobId, key }),
  };
  const frame = createFrameActivities({
    jobOver: createJobOver({
      ...turns,
      places: createPlaces(db),
      outcomes: createOutcomes(db),
      events,
      callTurn: (jobId) => callTurn(Context.current().client, jobId),
      announce: (jobId, owner) => writer.announce(jobId, owner),
    }),
    receipts: createReceipts(db),
    places: createPlaces(db),
    atOnce: {},
    isComing: async () => true,
    writer,
    log,
    isReset: async () => false,
    ...turns,
  });
  const underWay = { begin: () => () => undefined };
  const framesOwn: ReadonlySet<string> = new Set(Object.keys(frame));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { code },
    activities: frame,
    interceptors: {
      activity: [
        (context) => ({ inbound: new StepInterceptor(context, { writer, notices, framesOwn, underWay }) }),
      ],
    },
  });
  const running = worker.run();
  return {
    code,
    async close() {
      worker.shutdown();
      await running;
      await writer.close();
      await connection.close();
    },
  };
}
