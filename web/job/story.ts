import type { Event, Failure } from '../../client/index.js';
import { type Passage, passagesWith } from '../../client/react/passages.js';

/** One try of a step, or of one of its items. */
export interface Try {
  step: string;
  item: string | null;
  attempt: number;
  from: string;
  /** Null while it goes on. */
  to: string | null;
  outcome: 'running' | 'failed' | 'succeeded';
  failure: Failure | null;
}

export interface Wait {
  name: string;
  from: string;
  to: string | null;
}

/** What the log of a job tells, as far as it has been read. */
export interface Story {
  seq: number;
  tries: readonly Try[];
  passages: readonly Passage[];
  waits: readonly Wait[];
  /** The job that holds the concurrency key, while this one queues for it. */
  behind: string | null;
  /** Characters that a model has thought and not said. */
  thought: number;
  ended: boolean;
}

export const beginning: Story = {
  seq: 0,
  tries: [],
  passages: [],
  waits: [],
  behind: null,
  thought: 0,
  ended: false,
};

type Chapter = (story: Story, event: Event) => Partial<Story>;

const isOf = (event: Event) => (one: { step: string; item: string | null }) =>
  one.step === event.step && one.item === event.item;

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

const started: Chapter = ({ tries }, event) => ({
  tries: [
    ...tries,
    {
      step: event.step ?? '',
      item: event.item,
      attempt: event.attempt ?? 1,
      from: event.time,
      to: null,
      outcome: 'running',
      failure: null,
    },
  ],
});

const finished =
  (outcome: 'failed' | 'succeeded'): Chapter =>
  ({ tries }, event) => {
    const index = tries.findLastIndex((one) => isOf(event)(one) && one.to === null);
    const open = tries[index] ?? {
      step: event.step ?? '',
      item: event.item,
      attempt: event.attempt ?? 1,
      from: event.time,
    };
    const failure = (event.data['failure'] as Failure | undefined) ?? null;
    const closed: Try = { ...open, to: event.time, outcome, failure };
    return { tries: index === -1 ? [...tries, closed] : tries.with(index, closed) };
  };

const said: Chapter = ({ passages }, event) => ({ passages: passagesWith(passages, event) });

const waiting: Chapter = ({ waits }, { data, time }) => ({
  waits: [...waits, { name: textIn(data['name']), from: time, to: null }],
});

/** Whatever it waited for is over. */
const goingOn: Chapter = ({ waits }, { time }) => ({
  waits: waits.map((wait) => (wait.to === null ? { ...wait, to: time } : wait)),
  behind: null,
});

const chapters: Partial<Record<Event['type'], Chapter>> = {
  'step.started': started,
  'step.failed': finished('failed'),
  'step.succeeded': finished('succeeded'),
  'output.delta': said,
  'output.reset': said,
  'output.reasoning': ({ thought }, { data }) => ({ thought: thought + Number(data['characters'] ?? 0) }),
  'job.queued': (_, { data }) => ({ behind: typeof data['behind'] === 'string' ? data['behind'] : null }),
  'job.waiting': waiting,
  'job.running': goingOn,
  'job.cancelling': goingOn,
  end: (story, event) => ({ ...goingOn(story, event), ended: true }),
};

/** The story with one more event. What was told before is passed over, so that a repeat doubles nothing. */
export function told(story: Story, event: Event): Story {
  if (event.seq <= story.seq) return story;
  return { ...story, ...chapters[event.type]?.(story, event), seq: event.seq };
}
