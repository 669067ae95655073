import type { ChatReplyInput, Coach } from '../job-types/chat-reply.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { FailureCode } from '../job-types/contract/failures.js';
import type { Message } from '../job-types/fields/said.js';
import { type Before, type Conversations, keepReply, replyId } from '../store/conversations.js';
import type { Events } from '../store/events.js';
import { toJsonb } from '../store/jsonb.js';
import type { Receipts } from '../store/receipts.js';
import { type RunIsOpen, once } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import { pitchCoachPrompt, pitchCoachVersion, pitchOpening } from './prompts/pitch-coach.js';
import { starCoachPrompt, starCoachVersion, starOpening } from './prompts/star-coach.js';
import { anyText } from './providers/answer-form.js';

export interface ChatDependencies extends ModelStepDependencies {
  conversations: Pick<Conversations, 'begin' | 'keepReply'>;
  events: Pick<Events, 'said'>;
  receipts: Pick<Receipts, 'find' | 'put' | 'once'>;
  isOpen: RunIsOpen;
}

export type WriteReply = ChatReplyInput & { owner: string };

export interface WrittenReply extends Paying {
  text: string;
  finishReason: 'stop' | 'length';
}

export interface SaveReply {
  text: string;
  finishReason: 'stop' | 'length';
  model: string;
}

/** All that a reply depends on. */
interface Talk extends Pick<ChatReplyInput, 'maxOutputTokens' | 'temperature'> {
  messages: Message[];
  system?: string | undefined;
}

/** Characters, as `ask` has it. */
const longestAnswer = 1_000_000;

/** Turns that a model is told of; a conversation may be longer. */
const mostTurns = 500;

/** Who leads the conversation, by prompts of ours. */
const coaches = {
  star: { version: starCoachVersion, prompt: starCoachPrompt, opening: starOpening },
  pitch: { version: pitchCoachVersion, prompt: pitchCoachPrompt, opening: pitchOpening },
} satisfies Record<Coach['kind'], unknown>;

export function createChatActivities(deps: ChatDependencies) {
  const { conversations, events, receipts, isOpen } = deps;

  const answering = (promptVersion: string) =>
    modelStep(deps, {
      promptVersion,
      question: ({ messages, system, maxOutputTokens, temperature }: Talk) => ({
        prompt: messages,
        form: anyText,
        system,
        maxOutputTokens,
        temperature,
        longestAnswer,
      }),
      outcome: ({ text, finishReason }) => ({ ...storable({ text }), finishReason }),
    });
  const answer = {
    // The words are the client's: nothing of them is fixed, so they have no version.
    none: answering('chat'),
    star: answering(coaches.star.version),
    pitch: answering(coaches.pitch.version),
  };

  return {
    /** Takes the turn in the conversation, and has the model answer what was said. */
    async writeReply({ owner, model, ...request }: WriteReply): Promise<WrittenReply> {
      const { jobId } = currentStep();
      const before = await conversations.begin({ ...request, owner, jobId, mostTurns });
      if (!before) throw deleted(request.conversation);
      return answer[request.coach?.kind ?? 'none']({ owner, model, ...talkOf(request, before) });
    },

    saveReply: once(receipts, {
      isOpen,
      async write({ trx }, { text, finishReason, model }: SaveReply): Promise<{ message: string }> {
        const { jobId, rootJobId } = currentStep();
        const status = finishReason === 'length' ? 'cut' : 'complete';
        const reply = { status, text, model, failure: null } as const;
        if (!(await keepReply(trx, { jobId, reply }))) throw deleted();
        return { message: replyId(rootJobId) };
      },
    }),

    /** Of a reply that was stopped or cut at a budget, what watchers have seen of it; of one that failed, why. */
    async keepUnfinished({ failure }: { failure: Failure | null }): Promise<void> {
      const { jobId, runId } = currentStep();
      const wasPaidFor = failure === null || atBudget.has(failure.code);
      const said = wasPaidFor ? ((await events.said({ jobId, runId })).output?.text ?? '') : '';
      const text = failure && said === '' ? null : said;
      const status = failure === null ? 'stopped' : text === null ? 'failed' : 'cut';
      await conversations.keepReply(jobId, { status, text, model: null, failure });
    },
  };
}

function talkOf(
  { coach, history, message, system, maxOutputTokens, temperature }: Omit<WriteReply, 'owner'>,
  { earlier, system: kept }: Before,
): Talk {
  const said =
    history ?? earlier.flatMap(({ message: asked, reply }) => [...asUser(asked), ...asAssistant(reply)]);
  const opening = coach ? coaches[coach.kind].opening : '';
  const told = coach ? coaches[coach.kind].prompt(coach) : undefined;
  const words = [told, system ?? kept ?? undefined].filter((part) => part !== undefined);
  return {
    messages: inTurns([...said, ...asUser(message ?? opening)]),
    ...(words.length > 0 ? { system: words.join('\n\n') } : {}),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

const asUser = (content: string | null): Message[] => (content ? [{ role: 'user', content }] : []);
/** Providers refuse what has no visible character. */
const asAssistant = (content: string | null): Message[] =>
  content?.trim() ? [{ role: 'assistant', content }] : [];

/** Failures of a reply of which the beginning was said and paid for. */
const atBudget: ReadonlySet<string> = new Set<FailureCode>(['budget-exceeded', 'owner-budget-exceeded']);

/** Some models' templates know only turns that take turns. A message may have got no reply. */
function inTurns(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) last.content += `\n\n${content}`;
    else turns.push({ role, content });
  }
  return turns;
}

const deleted = (conversation?: string): StepFailure =>
  new StepFailure(
    'conversation-deleted',
    `The conversation${conversation === undefined ? '' : ` ${conversation}`} has been deleted.`,
  );

/** As the archive will give it back, so that a job reads the same before and after its end. */
const storable = <T>(value: T): T => JSON.parse(toJsonb(value)) as T;
