import path from 'node:path';
import { plainText } from '../job-types/fields/plain-text.js';
import { textEndings } from '../job-types/summarise-folder.js';
import type { InputFolder } from '../store/folders/input-folder.js';
import type { OutputFolder } from '../store/folders/output-folder.js';
import type { Texts } from '../store/texts.js';
import { reused } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { type EndedText, type JoinedTexts, type TextShelves, joinedTexts } from './joined-texts.js';
import { withoutFence } from './grounding/without-fence.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import { type GivenUp, notBegun } from './not-begun.js';
import { summariseTextPrompt, summariseTextVersion } from './prompts/summarise-text.js';
import { anyText } from './providers/answer-form.js';
import { type DocumentDependencies, documentText } from './providers/documents/document-text.js';
import type { Answer } from './providers/model.js';

export interface ListedTexts {
  /** From INPUT_ROOT. */
  folder: string;
  /** From INPUT_ROOT, sorted. */
  files: string[];
}

export interface SummariseFile {
  owner: string;
  model?: string | undefined;
  /** From INPUT_ROOT. */
  file: string;
  /** That it was listed in, from INPUT_ROOT. */
  folder: string;
  outputDir?: string | undefined;
  /** The summary is stored, and told by its id: histories stay small. Runs of an earlier version do not ask for it. */
  isStored?: true;
  givenUp?: GivenUp | undefined;
}

export type SummarisedFile = Paying & {
  /** From OUTPUT_ROOT; null where none was asked for. */
  written: string | null;
} & ({ summary: string } | { textId: string });

export interface CollectedSummaries {
  owner: string;
  ends: EndedText[];
}

export type SummaryDependencies = ModelStepDependencies &
  DocumentDependencies &
  TextShelves & {
    texts: Pick<Texts, 'put'>;
    inputFolder: Pick<InputFolder, 'list' | 'pathOf'>;
    outputFolder: Pick<OutputFolder, 'write'>;
  };

/** Characters. The summary that is asked for has some 1,500. */
const longestAnswer = 20_000;

const summarising = (deps: ModelStepDependencies) =>
  modelStep(deps, {
    promptVersion: summariseTextVersion,
    question: ({ text }: { text: string }) => ({
      ...summariseTextPrompt({ text }),
      form: anyText,
      longestAnswer,
    }),
    outcome: summaryIn,
  });

export function createSummaryActivities(deps: SummaryDependencies) {
  const { ledger, texts } = deps;
  const summarise = summarising(deps);
  /** What was paid for already is taken all the same. */
  const unlessNew = (givenUp: GivenUp) =>
    summarising({ ...deps, ledger: { ...ledger, call: () => Promise.reject(notBegun(givenUp)) } });

  return {
    /** What a retry of the job goes by too, so that its items have the same numbers. */
    listTexts: reused(deps.receipts, async ({ folder }: { folder: string }): Promise<ListedTexts> => {
      const files = await deps.inputFolder.list({ folder, endings: textEndings });
      return { folder: await deps.inputFolder.pathOf(folder), files };
    }),

    /** Reads a file, has it summarised, and writes the summary where that is asked for. */
    async summariseFile(request: SummariseFile): Promise<SummarisedFile> {
      const { owner, model, file, folder, outputDir, isStored, givenUp } = request;
      const { progress, signal, rootJobId, name: step, item } = currentStep();
      progress({ message: `Reading ${file}` });
      const { text, isCut } = await documentText(deps, { file, signal });
      const ask = givenUp ? unlessNew(givenUp) : summarise;
      const { summary, provider, usage, notes } = await ask({ owner, model, text });
      const name = `${path.posix.relative(folder, file)}.txt`;
      const writer = `${rootJobId} ${step} ${item ?? ''}`;
      const written =
        outputDir === undefined
          ? null
          : await deps.outputFolder.write({ folder: outputDir, name, text: `${summary}\n`, writer });
      const cut = `Of ${file} the first ${text.length} characters were summarised.`;
      const told = { written, provider, usage, notes: isCut ? [...notes, cut] : notes };
      if (!isStored) return { summary, ...told };
      const about = { url: '', title: file, language: null };
      const textId = await texts.put({ ...about, rootJobId, step, item, owner, text: summary });
      return { textId, ...told };
    },

    /** The summaries of all files, in their order. */
    collectSummaries: ({ owner, ends }: CollectedSummaries): Promise<JoinedTexts> =>
      joinedTexts(ends, deps, { owner, name: 'summaries' }),
  };
}

/** @throws {StepFailure} for an answer that is none, or not whole */
function summaryIn({ text, finishReason, provider }: Answer<null>): { summary: string } {
  if (finishReason === 'length') {
    const detail = `${provider} was cut off before its summary was complete.`;
    throw new StepFailure('answer-too-long', detail, { provider });
  }
  const summary = withoutFence(plainText(text).trim());
  if (summary !== '') return { summary };
  throw new StepFailure('malformed-answer', `${provider} gave an empty text.`, { provider });
}
