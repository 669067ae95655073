import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rulesName } from '../job-types/fields/model-names.js';
import type { Plan, PlanStep } from '../job-types/fields/workbook/plan.js';
import type { PlanStepResult } from '../job-types/run-workbook-plan.js';
import { reused } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import {
  type ProposePlan,
  proposePlanAnswer,
  proposePlanPrompt,
  proposePlanVersion,
  proposedPlan,
} from './prompts/propose-plan.js';
import type { StepFiles } from './providers/files.js';
import type { OperationContext, OperationOutcome, TableFile } from './workbook/operation.js';

export interface ProposeRequest {
  owner: string;
  message?: string | undefined;
  /** What a person has planned already. */
  plan?: Plan | undefined;
  file?: string | undefined;
  /** A table in place of a file. */
  csv?: string | undefined;
  others?: readonly NamedFile[] | undefined;
  model?: string | undefined;
}

export interface NamedFile {
  name: string;
  /** Id of the file. */
  file: string;
}

/** What a person had in mind, and how sure that is: from 0 to 1. */
export interface Intended {
  type: string;
  confidence: number;
}

export type ProposedPlan = {
  plan: Plan;
  /** The file that it is for, and its columns; none where they could not be read. */
  file: string;
  columns: string[];
  intent: Intended;
} & Paying;

export interface PlanStepRequest {
  operation: PlanStep['operation'];
  arguments: PlanStep['arguments'];
  /** From 1, and of how many. */
  number: number;
  of: number;
  file: string;
  others: readonly NamedFile[];
}

interface KnownFile {
  name: string;
  columns: readonly string[];
}

/** What is known of tables, and of what people want done with them. */
export interface Workbook {
  runOperation(step: PlanStep, context: OperationContext): Promise<OperationOutcome>;
  /** @throws {StepFailure} for a file that is no table */
  columnsOf(file: TableFile, signal: AbortSignal): Promise<string[]>;
  /** By rules. The plan is empty for a message that they do not understand, or that leaves something open. */
  propose(
    message: string,
    known: { file: KnownFile; others: readonly KnownFile[] },
  ): { plan: Plan; intent: Intended; question: string | null };
}

export interface PlanDependencies extends ModelStepDependencies {
  files: StepFiles;
  workbook: Workbook;
}

/** Other files that are looked into for a plan. */
const mostOthers = 5;
/** Bytes of a file that a step reads. */
const mostBytes = 100 * 1024 * 1024;

export function createPlanActivities({ files, workbook, ...deps }: PlanDependencies) {
  const byModel = modelStep(deps, {
    promptVersion: proposePlanVersion,
    question: (asked: ProposePlan) => ({ ...proposePlanPrompt(asked), ...proposePlanAnswer }),
    doing: ({ model }) => `Asking ${model} for a plan`,
    outcome({ value, provider }, asked) {
      const { plan, wrong } = proposedPlan(value, asked);
      if (plan) return { plan };
      throw new StepFailure('malformed-answer', `${provider} proposed no plan that can be run: ${wrong}.`, {
        provider,
      });
    },
  });

  /** Copies a stored file into the folder of the step. */
  async function onDisk(id: string, { folder, as }: { folder: string; as: string }): Promise<TableFile> {
    const { name, bytes } = await files.open(id, { mostBytes });
    const place = path.join(folder, as);
    await pipeline(Readable.from(bytes(), { objectMode: false }), createWriteStream(place));
    return { path: place, name };
  }

  async function inputOf({ file, csv }: ProposeRequest): Promise<string> {
    if (file !== undefined) return file;
    const bytes = Buffer.from(csv ?? '');
    return (await files.write({ name: 'table.csv', mediaType: 'text/csv', as: 'input', bytes })).id;
  }

  const tableOf = (id: string): Promise<KnownFile> =>
    inFolder(async (folder) => {
      const table = await onDisk(id, { folder, as: 'input' });
      return { name: table.name, columns: await workbook.columnsOf(table, currentStep().signal) };
    });

  /** Of files that a plan may bind, newest first. One that is no table cannot be. */
  async function tablesOf(others: readonly NamedFile[]): Promise<KnownFile[]> {
    const tables: KnownFile[] = [];
    for (const { name, file } of others.slice(-mostOthers).toReversed()) {
      try {
        tables.push({ ...(await tableOf(file)), name });
      } catch (error) {
        if (!(error instanceof StepFailure) || error.code === 'storage-unavailable') throw error;
      }
    }
    return tables;
  }

  async function runStep(request: PlanStepRequest): Promise<PlanStepResult & { isNext: boolean }> {
    const { operation, arguments: given, number, file, others } = request;
    const step = currentStep();
    return inFolder(async (folder) => {
      const bind = 'bind_file' in given ? given.bind_file : null;
      const other = others.find(({ name }) => name === bind);
      if (bind !== null && !other) throw new StepFailure('file-gone', `There is no file "${bind}".`);
      const outcome = await workbook.runOperation({ operation, arguments: given } as PlanStep, {
        input: await onDisk(file, { folder, as: 'input' }),
        bindFile: other && (await onDisk(other.file, { folder, as: 'other' })),
        folder,
        signal: step.signal,
        progress(done) {
          const message = `${operation}: ${Math.round(done * 100)} %`;
          step.progress({ message, done: Math.round(done * 100), total: 100 });
        },
      });
      const made = await files.write({
        name: nameFor(outcome.file.name, step.jobId, number),
        mediaType: outcome.file.mediaType,
        as: 'output',
        bytes: createReadStream(outcome.file.path),
      });
      const { isNext, rows, notes } = outcome;
      return { step: number, operation, file: made.id, name: made.name, rows, notes, isNext };
    });
  }

  return {
    /** What to do with a file: as a person planned it, by rules, or by a model where the rules do not understand. */
    async proposePlan(request: ProposeRequest): Promise<ProposedPlan> {
      const step = currentStep();
      const { owner, message = '', plan, others = [], model } = request;
      step.progress({ message: 'Reading the file' });
      const id = await inputOf(request);
      const file = await tableOf(id);
      const known = { file: id, columns: [...file.columns] };
      const free = { usage: null, notes: [] };
      if (plan)
        return { ...known, plan, provider: 'person', intent: { type: 'plan', confidence: 1 }, ...free };
      const tables = await tablesOf(others);
      const ruled = workbook.propose(message, { file, others: tables });
      const { intent } = ruled;
      if (ruled.plan.length > 0) return { ...known, ...free, plan: ruled.plan, intent, provider: rulesName };
      if (deps.models.choose(model) === rulesName) {
        throw new StepFailure('no-plan', ruled.question ?? 'The rules do not understand what was asked.');
      }
      const asked = { owner, model, message, name: file.name, columns: file.columns, others: tables };
      return { ...known, intent, ...(await byModel(asked)) };
    },

    /** One step of a plan. What an earlier attempt has made is not made again. */
    runPlanStep: reused(deps.receipts, async (request: PlanStepRequest) => {
      try {
        return await runStep(request);
      } catch (error) {
        throw told(error, request);
      }
    }),
  };
}

/** So that a person knows which step it was. */
function told(error: unknown, { operation, number, of }: PlanStepRequest): unknown {
  const where = `Step ${number} of ${of} (${operation}) failed`;
  if (error instanceof StepFailure)
    return new StepFailure(error.code, `${where}: ${error.message}`, { ...error.options, cause: error });
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (!full) return error;
  return new StepFailure('disk-full', `${where}: the disk of the worker is full.`, { cause: error });
}

/** Whatever happens, nothing is left of it. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'longhaul-plan-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** No two steps of a conversation give a file the same name. */
function nameFor(given: string, jobId: string, number: number): string {
  const { name, ext } = path.parse(given);
  return `${name}-${jobId.slice(-8)}-${number}${ext}`;
}
