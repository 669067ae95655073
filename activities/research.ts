import type { ResearchSubjectInput } from '../job-types/research-subject.js';
import { rulesName } from '../job-types/fields/model-names.js';
import { plainText, tidyLine } from '../job-types/fields/plain-text.js';
import { Research } from '../job-types/fields/research.js';
import type { Receipts } from '../store/receipts.js';
import { type NewResearch, addResearch, takeBackResearch } from '../store/research.js';
import type { Texts } from '../store/texts.js';
import { type RunIsOpen, once } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import { researchFrom } from './grounding/research-from.js';
import {
  type StructureResearch,
  structureResearchAnswer,
  structureResearchPrompt,
  structureResearchVersion,
} from './prompts/structure-research.js';

export interface StructureRequest extends Omit<ResearchSubjectInput, 'sources'> {
  owner: string;
  /** Of the pages that were fetched. */
  textIds: readonly string[];
}

export type StructuredResearch = { content: Research } & Paying;

export type SaveResearch = Omit<NewResearch, 'jobId'>;

export interface ResearchDependencies extends ModelStepDependencies {
  texts: Pick<Texts, 'read'>;
  receipts: Pick<Receipts, 'find' | 'put' | 'once'>;
  isOpen: RunIsOpen;
}

/** Characters of all texts together: some 75,000 tokens, which is what most models take with room for an answer. */
const mostCharacters = 300_000;

const wordedByNobody =
  'The paragraphs of the text as they stand, put in order by nobody; set MODEL to have a model do it.';

export function createResearchActivities({ texts, isOpen, ...deps }: ResearchDependencies) {
  const byModel = modelStep(deps, {
    promptVersion: structureResearchVersion,
    question: (asked: StructureResearch) => ({
      ...structureResearchPrompt(asked),
      ...structureResearchAnswer,
    }),
    outcome({ value, provider }, { subject }) {
      const content = researchFrom(value, subject);
      const { facts, people, places, quests } = content;
      if (facts.length + people.length + places.length + quests.length > 0) return { content };
      throw new StepFailure('malformed-answer', `${provider} found nothing in the text.`, { provider });
    },
  });

  async function textsOf({ text, textIds }: StructureRequest): Promise<string[]> {
    const read = await Promise.all(textIds.map((id) => texts.read(id)));
    const found = read.filter((one) => one !== null);
    if (found.length < read.length) {
      throw new StepFailure('result-missing', 'The text of a page that was fetched is gone.');
    }
    return [...(text === undefined ? [] : [text]), ...found].map(plainText);
  }

  return {
    /** Makes research of texts, by a model or of the paragraphs as they stand. */
    async structureResearch(request: StructureRequest): Promise<StructuredResearch> {
      const { owner, subject, model } = request;
      const { shown, notes } = bounded(await textsOf(request));
      if (deps.models.choose(model) !== rulesName) {
        const made = await byModel({ owner, subject, texts: shown, model });
        return { ...made, notes: [...made.notes, ...notes] };
      }
      currentStep().progress({ message: 'Putting the paragraphs in order' });
      const content = plainly(subject, shown);
      return { content, provider: rulesName, usage: null, notes: [wordedByNobody, ...notes] };
    },

    /** However often it is repeated, one version is saved. */
    saveResearch: once(deps.receipts, {
      isOpen,
      async write({ trx, instead }, research: SaveResearch): Promise<{ version: number }> {
        const { jobId, rootJobId } = currentStep();
        if (instead) await takeBackResearch(trx, { ...research, rootJobId });
        return addResearch(trx, { ...research, jobId });
      },
    }),
  };
}

/** What is read of each text: all, or as much of each as there is room. */
function bounded(texts: readonly string[]): { shown: string[]; notes: string[] } {
  const share = Math.floor(mostCharacters / Math.max(texts.length, 1));
  const shown = texts.map((text) => text.slice(0, share).toWellFormed());
  const cut = texts.filter((text) => text.length > share).length;
  if (cut === 0) return { shown, notes: [] };
  const note = `Of ${cut} of ${texts.length} texts only the first ${share} characters were read.`;
  return { shown, notes: [note] };
}

const mostParagraphs = 500;
const longestParagraph = 5_000;

function plainly(subject: string, texts: readonly string[]): Research {
  const paragraphs = texts
    .flatMap((text) => text.split(/\n+/))
    .map((paragraph) => tidyLine(paragraph).slice(0, longestParagraph).toWellFormed())
    .filter((paragraph) => paragraph !== '');
  const [description = ''] = paragraphs;
  return Research.parse({
    title: subject,
    setting: { description },
    facts: [...new Set(paragraphs)].slice(0, mostParagraphs),
  });
}
