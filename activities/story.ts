import type { CreateStoryInput } from '../job-types/create-story.js';
import type { MissingSegment } from '../job-types/fields/story.js';
import type { ResearchStore } from '../store/research.js';
import type { Receipts } from '../store/receipts.js';
import type { Stories } from '../store/stories.js';
import { type NewSegment, appendSegment, finishStory } from '../store/story-writing.js';
import { type RunIsOpen, once } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { plannedStory, labelOf } from './grounding/planned-story.js';
import { endOf, reviewFrom, spoken, writtenFrom } from './grounding/segments.js';
import { type ModelStepDependencies, modelStep } from './model-step.js';
import { type PlanStory, planStoryAnswer, planStoryPrompt, planStoryVersion } from './prompts/plan-story.js';
import {
  type ReviewSegment,
  reviewSegmentAnswer,
  reviewSegmentPrompt,
  reviewSegmentVersion,
} from './prompts/review-segment.js';
import type { SegmentMaterial } from './prompts/story.js';
import {
  type WriteSegment,
  writeSegmentAnswer,
  writeSegmentPrompt,
  writeSegmentVersion,
} from './prompts/write-segment.js';

/** Who asks for a story, and whom. */
interface Asking {
  owner: string;
  model?: string | undefined;
}

/** Which segment of which story. */
export interface SegmentOf extends Asking {
  storyId: string;
  /** From 1. */
  number: number;
}

export type Written = Pick<NewSegment, 'text' | 'lines'>;

/** What a reviewer wants otherwise, of which text. */
export interface Feedback {
  draft: Written;
  wishes: string[];
}

export interface StoryDependencies extends ModelStepDependencies {
  research: Pick<ResearchStore, 'read'>;
  stories: Pick<Stories, 'begin' | 'planOf' | 'segment'>;
  receipts: Pick<Receipts, 'find' | 'put' | 'once'>;
  isOpen: RunIsOpen;
}

export function createStoryActivities({ research, stories, isOpen, ...deps }: StoryDependencies) {
  const planByModel = modelStep(deps, {
    promptVersion: planStoryVersion,
    question: (asked: PlanStory) => ({ ...planStoryPrompt(asked), ...planStoryAnswer }),
    doing: ({ subject }) => `Planning the story of "${subject}"`,
    outcome: ({ value, provider }, { subject }) => plannedStory(value, { subject, provider }),
  });
  const writeByModel = modelStep(deps, {
    promptVersion: writeSegmentVersion,
    question: (asked: WriteSegment) => ({ ...writeSegmentPrompt(asked), ...writeSegmentAnswer(asked) }),
    doing: (asked) => `${placeOf(asked)}: writing ${asked.feedback ? 'again' : labelOf(asked.segment)}`,
    outcome: (answer) => writtenFrom(answer),
  });
  const reviewByModel = modelStep(deps, {
    promptVersion: reviewSegmentVersion,
    question: (asked: ReviewSegment) => ({ ...reviewSegmentPrompt(asked), ...reviewSegmentAnswer }),
    doing: (asked) => `${placeOf(asked)}: reviewing ${labelOf(asked.segment)}`,
    outcome: ({ value }) => ({ review: reviewFrom(value) }),
  });

  /** All that a segment is written and reviewed from. What is read stays the same for as long as the job goes on. */
  async function materialOf({ storyId, number }: SegmentOf): Promise<SegmentMaterial> {
    const story = await stories.planOf(storyId);
    const segment = story?.plan[number - 1];
    if (!story || !segment) throw deleted();
    const { title, player, plan } = story;
    const [found, last] = await Promise.all([
      research.read({ ...story, version: story.researchVersion }),
      stories.segment(storyId, number - 1),
    ]);
    if (!found) throw gone(story.subject);
    const before = last ? endOf(spoken(last)) : '';
    return { title, player, research: found.content, number, of: plan.length, segment, before };
  }

  return {
    /** Plans a story from the latest research, and begins it. What is long of the plan stays in the database. */
    async planStory(request: CreateStoryInput & { owner: string }) {
      const { owner, subject, player, model } = request;
      const found = await research.read({ owner, subject });
      if (!found) throw gone(subject);
      const planned = await planByModel({ owner, model, subject, player, research: found.content });
      const { title, plan, provider, usage, notes } = planned;
      const { rootJobId, jobId } = currentStep();
      const about = { owner, subject, player, title, plan, provider };
      const researchVersion = found.version;
      const storyId = await stories.begin({ ...about, researchVersion, rootJobId, jobId });
      const labels = plan.map((segment) => labelOf(segment));
      return { storyId, title, researchVersion, labels, provider, usage, notes };
    },

    /** Writes a segment; anew, where a reviewer wants it otherwise. */
    async writeSegment({ feedback, ...of }: SegmentOf & { feedback: Feedback | null }) {
      const wanted = feedback && { text: spoken(feedback.draft), wishes: feedback.wishes.filter(Boolean) };
      return writeByModel({ ...askerOf(of), ...(await materialOf(of)), feedback: wanted });
    },

    async reviewSegment({ written, ...of }: SegmentOf & { written: Written }) {
      return reviewByModel({ ...askerOf(of), ...(await materialOf(of)), text: spoken(written) });
    },

    /** However often it is repeated, a story has a segment once. */
    appendSegment: once(deps.receipts, {
      isOpen,
      async write({ trx }, segment: Omit<NewSegment, 'jobId'> & { of: number }): Promise<{ number: number }> {
        const { jobId, progress } = currentStep();
        const { of, ...rest } = segment;
        progress({ message: `${placeOf({ number: rest.number, of })}: adding it to the story` });
        if (!(await appendSegment(trx, { ...rest, jobId }))) throw deleted();
        return { number: rest.number };
      },
    }),

    /** Says that a story is done, and what of it is missing. */
    finishStory: once(deps.receipts, {
      isOpen,
      async write({ trx }, ended: { storyId: string; missing: MissingSegment[] }) {
        const { jobId } = currentStep();
        const finished = await finishStory(trx, { ...ended, jobId });
        if (!finished) throw deleted();
        return finished;
      },
    }),
  };
}

/** Without the story's id: a retry that begins it anew asks the same, and pays nothing. */
const askerOf = ({ owner, model }: Asking): Asking => ({ owner, model });

const placeOf = ({ number, of }: { number: number; of: number }): string => `Segment ${number} of ${of}`;

const deleted = () => new StepFailure('story-deleted', 'The story was deleted while it was being written.');

const gone = (subject: string) =>
  new StepFailure('result-missing', `There is no research on "${subject}" any more.`);
