import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { type ExtractArticleInput, extractArticle } from '../../job-types/extract-article.js';
import type { ArchivedJob, JobOutcome } from '../../job-types/contract/outcome.js';
import { projectRoot } from '../../scripts/local/project.js';
import type { JobArgs } from '../../workflows/frame/messages.js';

/** What a scripted activity does in one attempt. */
export type Act = (attempt: number, activityId: string) => unknown;

/** How the world treats one run; what a script leaves out goes well. */
export interface Script {
  /** Whether the turn has come when the frame asks for the first time; only jobs with a concurrency key ask. */
  take?: Act;
  wait?: Act;
  fetch?: Act;
  extract?: Act;
  save?: Act;
  settle?: Act;
  archive?: Act;
}

export interface ScriptedRun {
  handle: WorkflowHandle;
  /** Every call of an activity, as `<activity id>#<attempt>`; settling is called `settle <step>`. */
  calls: string[];
  /** What the frame handed over to be archived, last first. */
  archived: JobOutcome[];
}

export interface ScriptedWorker {
  client: Client;
  /** Begins to take work; what is started before waits. */
  work(): void;
  /** Starts an extractArticle workflow whose activities do what the script says. */
  start(name: string, script?: Script, args?: Partial<JobArgs<unknown>>): Promise<ScriptedRun>;
  close(): Promise<void>;
}

export const wellDone = {
  fetch: {
    textId: 't-1',
    url: 'https://example.com/a',
    title: 'A',
    language: 'es',
    characters: 9,
    notes: [],
  },
  extract: {
    words: [
      { word: 'faro', lemma: 'faro', partOfSpeech: 'noun', gender: null, translation: null, examples: [] },
    ],
    provider: 'openai/answer',
    usage: { inputTokens: 10, outputTokens: 5, costUsd: null },
    notes: [],
  },
  save: { newWords: 1, updatedWords: 0 },
} as const;

const input: ExtractArticleInput = extractArticle.input.parse({
  url: 'https://example.com/a',
  sourceLang: 'es',
  targetLang: 'fr',
  wordCount: 1,
});

const job: JobArgs<ExtractArticleInput> = { owner: 'default', input };

/** Of a job that asks before it saves. */
export const reviewed = { input: { ...input, review: true } };

const bundlePath = join(projectRoot, 'dist/workflow-bundle.js');

/** A process has one runtime, whatever number of workers. */
let isQuiet = false;

/** The code of the workflows as they are deployed. */
export const deployedCode = (): Promise<string> => readFile(bundlePath, 'utf8');

/**
 * The workflows, on a real server, with activities that are told how to behave.
 * @param code of the workflows; as they are deployed unless given
 */
export async function createScriptedWorker(address: string, code?: string): Promise<ScriptedWorker> {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  isQuiet = true;
  const taskQueue = `scripted-${randomUUID()}`;
  const runs = new Map<string, { script: Script; run: Pick<ScriptedRun, 'calls' | 'archived'> }>();

  const perform = async (step: keyof Script, well: unknown, called?: string): Promise<unknown> => {
    const { workflowExecution, activityId, attempt } = activityInfo();
    const known = runs.get(workflowExecution?.workflowId ?? '');
    if (!known) throw new Error('an activity was called for a run that has no script');
    known.run.calls.push(`${called ?? activityId}#${attempt}`);
    const act = known.script[step];
    return act ? act(attempt, activityId) : well;
  };
  const activities = {
    takeTurn: () => perform('take', true, 'take'),
    logEvent: () => undefined,
    awaitTurn: () => perform('wait', undefined, 'wait'),
    fetchArticle: () => perform('fetch', wellDone.fetch),
    extractWords: () => perform('extract', wellDone.extract),
    saveWords: () => perform('save', wellDone.save),
    settleStep: ({ step }: { step: string }) => perform('settle', null, `settle ${step}`),
    async archiveOutcome({ outcome }: ArchivedJob) {
      runs.get(activityInfo().workflowExecution?.workflowId ?? '')?.run.archived.unshift(outcome);
      // As a local activity it has a number for an id.
      await perform('archive', undefined, 'archive');
    },
  };

  const [connection, native] = await Promise.all([
    Connection.connect({ address, connectTimeout: '1 minute' }),
    NativeConnection.connect({ address }),
  ]);
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    identity: 'scripted-worker',
    workflowBundle: code === undefined ? { codePath: bundlePath } : { code },
    activities,
  });
  let running: Promise<void> | null = null;
  const client = new Client({ connection, identity: 'scripted-client' });
  return {
    client,
    work() {
      running ??= worker.run();
    },
    async start(name, script = {}, args = {}) {
      const workflowId = `${name}-${randomUUID()}`;
      const run = { calls: [], archived: [] };
      runs.set(workflowId, { script, run });
      const handle = await client.workflow.start('extractArticle', {
        workflowId,
        taskQueue,
        args: [{ ...job, ...args }],
      });
      return { handle, ...run };
    },
    async close() {
      if (running) worker.shutdown();
      await running;
      await Promise.all([connection.close(), native.close()]);
    },
  };
}
