import type { CreateStoryResult } from '../job-types/create-story.js';
import type { InputOf } from '../job-types/contract/job-type.js';
import { asError } from './frame/failure.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';
import { tried } from './frame/tried.js';
import { type Segment, bestOfRounds } from './story/rounds.js';

type Type = typeof import('../job-types/create-story.js').createStory;

/** What the job needs to know of the plan, and of what came of it so far. */
interface State extends Pick<CreateStoryResult, 'missing' | 'unreviewed' | 'notes'> {
  planned: Planned;
  /** Segments that are over. */
  next: number;
}

type Planned = Pick<CreateStoryResult, 'title' | 'researchVersion' | 'provider'> & {
  storyId: string;
  /** A few words a segment. */
  labels: string[];
};

/** Segments that one run writes: with all their rounds some 700 events, and texts of half a megabyte. */
const segmentsPerRun = 20;

/** So many failures in a row are no bad luck: each may have taken an hour. */
const mostInARow = 3;

export const createStory = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type, State>(job, async ({ subject, player, model }, { owner, step, checkpoint, resumed }) => {
    const begin = async (): Promise<State> => {
      const {
        usage: _,
        notes,
        ...planned
      } = await step('plan', ({ planStory }) => planStory({ owner, subject, player, model }), {
        policy: policies.model,
        summary: `Plan the story of "${subject}"`,
        counts: ({ labels }) => `${labels.length} segments`,
      });
      return { planned, next: 0, missing: [], unreviewed: [], notes };
    };
    const state = resumed ?? (await begin());
    const { storyId, labels, ...about } = state.planned;
    const of = labels.length;

    while (state.next < of) {
      const number = state.next + 1;
      const what = labels[state.next] ?? '';
      const segment: Segment = { owner, model, storyId, number, of, what };
      const { value, failure } = await tried(() => bestOfRounds(segment, step));
      // Nothing of the rest could be kept.
      if (failure?.code === 'story-deleted') throw asError(failure);
      if (value) {
        await step('append', ({ appendSegment }) => appendSegment({ storyId, number, of, ...value }), {
          policy: policies.save,
          summary: `Append segment ${number} of ${of}`,
          effect: true,
          item: { key: String(number), of },
        });
        if (value.review === null) state.unreviewed.push(number);
      } else {
        state.missing.push({ segment: number, what, why: failure.detail });
      }
      state.next = number;
      const inARow = state.missing.filter(({ segment: one }) => one > number - mostInARow).length;
      if (failure && inARow === mostInARow) {
        if (state.missing.length === number) throw asError(failure);
        const why = `It was not begun: ${mostInARow} segments before it had failed in a row.`;
        const rest = labels
          .slice(number)
          .map((label, index) => ({ segment: number + index + 1, what: label, why }));
        state.missing.push(...rest);
        break;
      }
      if (number < of) await checkpoint(state, { always: number % segmentsPerRun === 0 });
    }

    const { missing, unreviewed, notes } = state;
    const { segments } = await step('finish', ({ finishStory }) => finishStory({ storyId, missing }), {
      policy: policies.save,
      summary: missing.length > 0 ? 'Finish the story in part' : 'Finish the story',
      effect: true,
      counts: (finished) => `${finished.segments} of ${of} segments`,
    });
    const status = missing.length > 0 ? 'partial' : 'complete';
    return { subject, ...about, status, segments, planned: of, missing, unreviewed, notes };
  });
