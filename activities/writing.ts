import { rulesName } from '../job-types/fields/model-names.js';
import { unverifiableLevel } from '../job-types/fields/application.js';
import { plainText } from '../job-types/fields/plain-text.js';
import type { GenerateCoverLetterInput } from '../job-types/generate-cover-letter.js';
import type { GenerateCvInput } from '../job-types/generate-cv.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { withoutFence } from './grounding/without-fence.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import { writeCoverLetterPrompt, writeCoverLetterVersion } from './prompts/write-cover-letter.js';
import { writeCvPrompt, writeCvVersion } from './prompts/write-cv.js';
import { anyText } from './providers/answer-form.js';
import type { Answer } from './providers/model.js';
import { coverLetterTemplate } from './templates/cover-letter.js';
import { cvTemplate } from './templates/cv.js';

export type WriteCv = GenerateCvInput & { owner: string };
export type WriteCoverLetter = GenerateCoverLetterInput & { owner: string };

interface Written {
  /** What the document is called in lists. */
  title: string;
  markdown: string;
  /** It may contain what nobody can verify. */
  mayBeUnverifiable: boolean;
}

export type WrittenText = Written & Paying;

/** Characters. A CV of ten pages has 30,000. */
const longestAnswer = 200_000;

const filledIn = 'Filled in from a plain template, and worded by nobody; set MODEL to have a model write it.';
const unverifiable = 'Written at level 4: may contain what nobody can verify. Read it before it is sent.';

export function createWritingActivities(deps: ModelStepDependencies) {
  const cvByModel = modelStep(deps, {
    promptVersion: writeCvVersion,
    question: (asked: GenerateCvInput) => ({ ...writeCvPrompt(asked), form: anyText, longestAnswer }),
    outcome: (answer, asked) => written(answer, { ...asked, kind: 'CV' }),
    notes: (_, asked) => notesOn(asked),
  });
  const coverLetterByModel = modelStep(deps, {
    promptVersion: writeCoverLetterVersion,
    question: (asked: GenerateCoverLetterInput) => ({
      ...writeCoverLetterPrompt(asked),
      form: anyText,
      longestAnswer,
    }),
    outcome: (answer, asked) => written(answer, { ...asked, kind: 'Cover letter' }),
    notes: (_, asked) => notesOn(asked),
  });
  const isRules = (model: string | undefined) => deps.models.choose(model) === rulesName;
  return {
    /** Writes a CV, by a model or from a template. */
    writeCv: async (request: WriteCv): Promise<WrittenText> =>
      isRules(request.model)
        ? byTemplate(cvTemplate(request), { ...request, kind: 'CV' })
        : cvByModel(request),
    /** Writes a cover letter, by a model or from a template. */
    writeCoverLetter: async (request: WriteCoverLetter): Promise<WrittenText> =>
      isRules(request.model)
        ? byTemplate(coverLetterTemplate(request), { ...request, kind: 'Cover letter' })
        : coverLetterByModel(request),
  };
}

type Subject = Pick<GenerateCvInput, 'jobOffer' | 'adaptationLevel'> & { kind: string };

/** @throws {StepFailure} for a text that is not whole: nobody is to send half of one */
function written({ text, finishReason, provider }: Answer<null>, subject: Subject): Written {
  if (finishReason === 'length') {
    const detail = `${provider} was cut off before its text was complete.`;
    throw new StepFailure('answer-too-long', detail, { provider });
  }
  const markdown = withoutFence(plainText(text).trim());
  if (markdown === '') {
    throw new StepFailure('malformed-answer', `${provider} gave an empty text.`, { provider });
  }
  return { title: titleOf(subject), markdown, mayBeUnverifiable: isUnverifiable(subject) };
}

function byTemplate(markdown: string, subject: Subject): WrittenText {
  currentStep().progress({ message: 'Filling in a template' });
  return {
    title: titleOf(subject),
    markdown,
    mayBeUnverifiable: false,
    provider: rulesName,
    usage: null,
    notes: [filledIn],
  };
}

const isUnverifiable = ({ adaptationLevel }: Pick<Subject, 'adaptationLevel'>): boolean =>
  adaptationLevel >= unverifiableLevel;

const notesOn = (asked: Pick<Subject, 'adaptationLevel'>): string[] =>
  isUnverifiable(asked) ? [unverifiable] : [];

const longestTitle = 200;

function titleOf({ kind, jobOffer: { title, company } }: Subject): string {
  const line = (text: string) => plainText(text.slice(0, longestTitle)).replace(/\s+/gu, ' ').trim();
  const what = [line(title), line(company)].filter(Boolean).join(', ');
  return (what === '' ? kind : `${kind}: ${what}`).slice(0, longestTitle).toWellFormed();
}
