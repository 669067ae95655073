import type { Spent } from '../job-types/contract/outcome.js';
import { rulesName } from '../job-types/fields/model-names.js';
import type { Receipts } from '../store/receipts.js';
import type { Heeded, Ledger, Payer } from './frame/ledger.js';
import { CutAtBudget } from './frame/over-budget.js';
import { paid } from './frame/receipts.js';
import { itemCounter } from './item-counter.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import type { Answer, Models, Question } from './providers/model.js';

export interface ModelStepDependencies {
  models: Models;
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

/** Who asks, and whom: of every request to a model step. */
interface Asker {
  owner: string;
  /** One of the configured names; the default one when absent. */
  model?: string | undefined;
}

/** All that an answer depends on. */
type Asked<Wish> = Wish & { model: string };

/** What is asked, without what every model step does the same way. */
type Wording<T> = Pick<Question<T>, 'system' | 'prompt' | 'form' | 'longestAnswer'> &
  Partial<Pick<Question<T>, 'maxOutputTokens' | 'temperature' | 'mostTokens' | 'longestLoop'>>;

const usualBounds = {
  /** Where nobody sets a limit: more than people read, and an end to a model that does not find one. */
  mostTokens: 32_000,
  /** Tables and lines of dashes repeat themselves too. */
  longestLoop: 8_000,
};

export interface ModelStep<Wish, T, Outcome extends Noted> {
  /** What the ledger calls the prompt. */
  promptVersion: string;
  /** The question, made of nothing but what it is given: the same request is not paid for twice. */
  question(asked: Asked<Wish>): Wording<T>;
  /** What the person is told that it does; that a model is asked, when absent. */
  doing?(asked: Asked<Wish>): string;
  /**
   * What the step makes of an answer that is in its form, with notes on what it had to leave out.
   * @throws {StepFailure} malformed-answer, for one that is of no use all the same
   */
  outcome(answer: Answer<T>, asked: Asked<Wish>): Outcome | Promise<Outcome>;
  /** What the person should know besides what is known of every answer. */
  notes?(answer: Answer<T>, asked: Asked<Wish>): string[];
}

interface Noted {
  notes?: string[];
}

/** What every model step tells beside its outcome. */
export interface Paying {
  /** What was asked, as provider/model. */
  provider: string;
  usage: Spent | null;
  /** What the person should know about how it went. */
  notes: string[];
}

/**
 * A step that puts one question to a model. An answer that was paid for is not paid for again, by a later attempt or a
 * retry. One of no use is asked for three times at most. What is said is shown while it is said, and kept at a cancel.
 * Of a list it also tells how far it is.
 */
export function modelStep<Wish extends object, T, Outcome extends object & Noted>(
  { models, receipts, ledger }: ModelStepDependencies,
  { promptVersion, question, doing, outcome, notes }: ModelStep<Wish, T, Outcome>,
): (request: Wish & Asker) => Promise<Outcome & Paying> {
  type Chosen = Wish & Asker & { model: string };
  const payerOf = ({ owner, model }: Chosen): Payer => ({ owner, model, promptVersion });

  async function ask(asked: Asked<Wish>, payer: Payer): Promise<Outcome & Paying> {
    const step = currentStep();
    const wording = question(asked);
    const items = itemCounter(step, wording.form.list);
    items.begin(doing?.(asked) ?? `Asking ${payer.model}`);
    const whole = {
      ...payer,
      ...usualBounds,
      ...wording,
      signal: step.signal,
      onText(delta: string) {
        step.output(delta);
        items.add(delta);
      },
      onReasoning: step.reasoning,
      onRestart() {
        step.restart();
        items.restart();
      },
      onPartial: step.partial,
    };
    return ledger.call(whole, (heard) =>
      unlessCutAtBudget(heard, {
        ask: () => models.ask(heard),
        async make(answer) {
          const { provider, usage } = answer;
          const made = await outcome(answer, asked);
          const more = notes?.(answer, asked) ?? [];
          const all = [...answer.notes, ...(made.notes ?? []), ...more];
          return { ...made, provider, usage, notes: all };
        },
      }),
    );
  }

  const askOnce = paid(receipts, {
    asks(request: Chosen) {
      const { owner: _, ...asked } = request;
      return asked as unknown as Asked<Wish>;
    },
    work: (asked: Asked<Wish>, request) => ask(asked, payerOf(request)),
    isWordedAlike: (paidBy, request) => ledger.isWordedAlike(payerOf(request), paidBy),
    onReuse: (paidBy, request) => ledger.reused(payerOf(request), paidBy),
  });

  return async (request) => {
    const model = models.choose(request.model);
    if (model === rulesName) {
      throw new StepFailure('model-not-found', 'This worker is configured for no model that could answer.');
    }
    return askOnce({ ...request, model });
  };
}

/**
 * What is made of an answer, unless a budget has cut it.
 * @throws {CutAtBudget} with what could be made of it all the same
 */
async function unlessCutAtBudget<T, Made>(
  { isAtBudget }: Pick<Heeded, 'isAtBudget'>,
  { ask, make }: { ask(): Promise<Answer<T>>; make(answer: Answer<T>): Promise<Made> },
): Promise<Made> {
  let wasCut = false;
  try {
    const answer = await ask();
    wasCut = answer.finishReason === 'length';
    const made = await make(answer);
    if (wasCut && isAtBudget()) throw new CutAtBudget(made);
    return made;
  } catch (error) {
    if (!(error instanceof StepFailure) || error instanceof CutAtBudget || !isAtBudget()) throw error;
    throw wasCut || error.code === 'answer-too-long' ? new CutAtBudget(null) : error;
  }
}
