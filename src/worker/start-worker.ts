import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Context, log } from '@temporalio/activity';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createCancelNotices } from '../../activities/frame/cancel-notices.js';
import { createEventWriter } from '../../activities/frame/event-writer.js';
import { createLedger } from '../../activities/frame/ledger.js';
import { createFrameActivities } from '../../activities/frame/own.js';
import { createActivities } from '../../activities/index.js';
import { StepInterceptor } from '../../activities/frame/interceptors.js';
import { propose } from '../../activities/workbook/planning/propose.js';
import { columnsOf } from '../../activities/workbook/reading.js';
import { runOperation } from '../../activities/workbook/run-operation.js';
import { createArticleReader } from '../../activities/providers/article/article-reader.js';
import { createStepFiles } from '../../activities/providers/files.js';
import { createTranscriber } from '../../activities/providers/transcriber.js';
import { createModels } from '../../activities/providers/model.js';
import { createPrices } from '../../activities/providers/prices.js';
import { createWebFetcher } from '../../activities/providers/web.js';
import { createUnderWay } from '../../activities/frame/under-way.js';
import { createAttempts } from '../../store/attempts.js';
import { cancelsChannel, createCancellations } from '../../store/cancellations.js';
import { createConcurrency } from '../../store/concurrency.js';
import { createConversations } from '../../store/conversations.js';
import { openDatabase } from '../../store/database.js';
import { createFiles } from '../../store/files.js';
import { createTexts } from '../../store/texts.js';
import { createResearch } from '../../store/research.js';
import { createStories } from '../../store/stories.js';
import { createThemes } from '../../store/themes.js';
import { createEvents } from '../../store/events.js';
import { createInputFolder } from '../../store/folders/input-folder.js';
import { createOutputFolder } from '../../store/folders/output-folder.js';
import { createJobOver } from '../../store/job-over.js';
import { createKeptAnswers } from '../../store/kept-answers.js';
import { createLargeValues } from '../../store/large-values.js';
import { createLifeline } from '../../store/lifeline.js';
import { createListener } from '../../store/listener.js';
import { migrate } from '../../store/migrations.js';
import { createMadeFiles } from '../../store/made-files.js';
import { createModelCalls } from '../../store/model-calls.js';
import { createOutcomes } from '../../store/outcomes.js';
import { createPlaces } from '../../store/places.js';
import { createReceipts } from '../../store/receipts.js';
import { atBoot } from '../boot-retry.js';
import { type Config, loadConfig } from '../config.js';
import { createLogger, nestLogger } from '../logging.js';
import { LostWorkerWatch } from '../lost-workers/lost-worker-watch.js';
import { announceReady } from '../process.js';
import { databaseUrl } from '../database/store.js';
import { dataConverter } from '../temporal/data-converter.js';
import { TemporalWorker } from '../temporal/temporal-worker.js';
import { callTurn, isComing, isOpen, isReset, isRunOpen } from '../temporal/turn-calls.js';
import { patiently } from './storage-patience.js';
import { WorkerHealth } from './worker-health.js';
import { WorkerResources } from './worker-resources.js';

/** Built beside the compiled code, from the same sources. */
const bundlePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

@Module({})
class WorkerModule {
  /** The composition root of the activities: plain functions of what they need. */
  static with(config: Config, { logger, bundle }: { logger: Logger; bundle: string }): DynamicModule {
    const db = openDatabase(databaseUrl(config), {
      name: 'longhaul-worker',
      maxConnections: 20,
      onConnectionLost: (error) => logger.warn(`a database connection was lost: ${error.message}`),
    });
    const events = createEvents(db);
    const writer = createEventWriter(events, {
      onError: (error) =>
        logger.warn(`events wait for the database, or were refused by it: ${String(error)}`),
    });
    const cancellations = createCancellations(db);
    const notices = createCancelNotices({
      announced: (runIds) => cancellations.announced(runIds),
      onError: (error) =>
        logger.warn(`cancels take some seconds while the database is away: ${String(error)}`),
    });
    const listener = createListener(databaseUrl(config), {
      name: 'longhaul-worker-notices',
      onError: (error) => logger.warn(`cancels take a second while notices are not heard: ${String(error)}`),
    });
    listener.subscribe(cancelsChannel, (payload) => notices.hear(payload));
    listener.onConnected(() => void notices.look());
    const attempts = createAttempts(db);
    const number = randomInt(2 ** 31);
    const underWay = createUnderWay({
      attempts,
      worker: number,
      onError: (error) => logger.warn(`a death of this worker would be noticed later: ${String(error)}`),
    });
    const lifeline = createLifeline(databaseUrl(config), {
      name: 'longhaul-worker-lifeline',
      worker: number,
      onError: (error) => logger.warn(`a death of this worker would be noticed later: ${String(error)}`),
      onStanding: () => underWay.stand(),
      onDown: () => underWay.fall(),
    });
    const ledger = createLedger({
      calls: createModelCalls(db),
      answers: createKeptAnswers(db),
      priceOf: createPrices(config),
      ownerBudget: {
        dayUsd: config.OWNER_BUDGET_USD_DAY ?? null,
        monthUsd: config.OWNER_BUDGET_USD_MONTH ?? null,
      },
      onError: (error) => logger.warn(`what a call has cost is estimated later: ${String(error)}`),
    });
    const web = createWebFetcher({ allow: config.FETCH_ALLOW, cookieJars: config.COOKIE_JARS });
    const reader = createArticleReader();
    const turns = {
      concurrency: createConcurrency(db),
      isOpen: (jobId: string, key: string) => isOpen(Context.current().client, { jobId, key }),
    };
    const receipts = createReceipts(db);
    const places = createPlaces(db);
    const frame = createFrameActivities({
      jobOver: createJobOver({
        ...turns,
        outcomes: createOutcomes(db),
        events,
        places,
        callTurn: (jobId) => callTurn(Context.current().client, jobId),
        announce: (jobId, owner) => writer.announce(jobId, owner),
      }),
      receipts,
      places,
      isComing: (jobId) => isComing(Context.current().client, jobId),
      atOnce: { runWorkbookPlan: config.CHAT_CONCURRENCY },
      writer,
      log,
      isReset: (run) => isReset(Context.current().client, run),
      ...turns,
    });
    const framesOwn: ReadonlySet<string> = new Set(Object.keys(frame));
    const stepDependencies = { writer, notices, framesOwn, underWay };
    const activities = createActivities({
      web,
      reader,
      models: createModels(config),
      fileNames: createFiles(db),
      transcriber: createTranscriber(config),
      inputFolder: createInputFolder(config.INPUT_ROOT),
      outputFolder: createOutputFolder(config.OUTPUT_ROOT),
      files: createStepFiles({ files: createFiles(db), madeFiles: createMadeFiles(db) }),
      workbook: { runOperation, columnsOf, propose },
      texts: createTexts(db),
      themes: createThemes(db),
      research: createResearch(db),
      stories: createStories(db),
      conversations: createConversations(db),
      events,
      receipts,
      ledger,
      isOpen: (run) => isRunOpen(Context.current().client, run),
    });
    const parts = {
      workflowBundle: { codePath: bundle },
      dataConverter: dataConverter(createLargeValues(db), patiently),
      activities: { ...activities, ...frame },
      interceptors: {
        activity: [(context: Context) => ({ inbound: new StepInterceptor(context, stepDependencies) })],
      },
    };
    const worker = new TemporalWorker(config, parts, logger);
    const prepared = () => atBoot('The database', { work: () => migrate(db), logger });
    return {
      module: WorkerModule,
      providers: [
        {
          provide: WorkerResources,
          useFactory: () =>
            new WorkerResources({ db, writer, listener, underWay, lifeline, web, reader, prepared }),
        },
        { provide: TemporalWorker, useFactory: () => worker },
        {
          provide: LostWorkerWatch,
          useFactory: () => new LostWorkerWatch({ attempts, call: (work) => worker.call(work) }),
        },
        { provide: WorkerHealth, useFactory: () => new WorkerHealth(worker, config.WORKER_HEALTH_PORT) },
      ],
    };
  }
}

/**
 * Resolves when the worker takes work; it then runs until SIGTERM.
 * @param options.bundle path to the code of its workflows
 */
export async function startWorker({ bundle = bundlePath }: { bundle?: string } = {}): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config, 'worker');
  Runtime.install({
    logger: temporalLogger(logger),
    // Its core would otherwise write by itself, in a form of its own.
    telemetryOptions: { logging: { forward: {} } },
    shutdownSignals: [],
  });
  const app = await NestFactory.createApplicationContext(WorkerModule.with(config, { logger, bundle }), {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  app.enableShutdownHooks();
  announceReady();
}

/**
 * What the SDK, its core and the workflows write, in the form of our own lines. A task token is a capability and
 * stays out. So does the whole task that the SDK adds when an activity's input cannot be read.
 */
function temporalLogger(logger: Logger): DefaultLogger {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  return new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
    const {
      taskToken: _token,
      task_token: _same,
      task: _task,
      taskEncoded: _bytes,
      error,
      ...rest
    } = meta ?? {};
    logger[levels[level]]({ ...rest, ...(error ? { err: error } : {}) }, message);
  });
}
