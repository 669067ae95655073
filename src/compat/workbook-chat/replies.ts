import { BadRequestException, Injectable } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import { Store } from '../../database/store.js';
import { whyFailed } from '../own-job.js';
import { inputFor } from './plan-input.js';
import { type ChatCall, WorkbookPlans } from './plans.js';
import { inWords, proposalOf, suggestionsOf } from './proposal.js';
import { type Word, wordIn } from './requests.js';
import type { Said } from './views.js';

const nothing = {
  suggested_workflow: [],
  requires_confirmation: false,
  requires_file: false,
  output_files: [],
};

const help = `Upload a workbook (.xlsx) or a CSV file, and say what is to be done with it. I can extract columns, convert to \
Excel, clean values, write SQL or JSON, search rows, add columns of another file, and rename columns. I propose a plan, \
which runs when you say yes. Say no to drop it, and cancel to stop one that runs.`;

export const submitted = 'The plan is submitted and runs in the background.';
export const declined = 'The plan is dropped; nothing was run. What shall I do instead?';
export const nothingToDecline = 'No plan waits for you. If one runs, say cancel to stop it.';

/** What the bot says to what people say. */
@Injectable()
export class WorkbookReplies {
  private readonly spoken: Readonly<Record<Word, (call: ChatCall) => Promise<Said>>> = {
    yes: async (call) => {
      try {
        const job = await this.plans.confirm(call, null);
        return { ...simple('confirm', 'workflow_submitted', submitted), job_id: job };
      } catch (error) {
        // A word that comes at the wrong time is no wrong request.
        if (!(error instanceof BadRequestException)) throw error;
        return simple('confirm', 'none', error.message);
      }
    },
    no: async (call) =>
      simple('decline', 'workflow_declined', (await this.plans.decline(call)) ? declined : nothingToDecline),
    cancel: async (call) =>
      (await this.plans.cancel(call))
        ? simple('cancel', 'workflow_cancelled', 'Cancelled. What was made so far is kept.')
        : simple('cancel', 'none', 'Nothing runs, and nothing waits for you.'),
    help: async () => simple('help', 'none', help),
  };

  constructor(
    private readonly store: Store,
    private readonly plans: WorkbookPlans,
  ) {}

  async to(call: ChatCall, message: string): Promise<Said> {
    await this.store.workbookRecords.say(call, { kind: 'user', content: message });
    const word = wordIn(message);
    const said = word ? await this.spoken[word](call) : await this.asked(call, message);
    await this.remember(call, said);
    return said;
  }

  /**
   * What is said to an upload: the plan for what was asked before it, or in place of the plan that waits.
   * @param upload.isRepeated the same file came a moment ago, whatever was answered then
   */
  async toUpload(call: ChatCall, { name, isRepeated }: { name: string; isRepeated: boolean }): Promise<Said> {
    if (!isRepeated) await this.store.workbookRecords.say(call, { kind: 'file_upload', content: name });
    const chat = await this.store.workbookChats.find(call);
    const request = chat?.request ?? null;
    if (request === null) await this.store.workbookChats.somethingCame(call);
    const waits = request === null ? await this.plans.pending(call) : null;
    const said =
      request !== null
        ? await this.asked(call, request)
        : waits
          ? { ...simple('upload', 'await_confirmation', `I have ${name}. The plan waits for you still.`) }
          : simple('upload', 'none', `I have ${name}. What shall I do with it?`);
    await this.remember(call, said);
    return waits
      ? { ...said, suggested_workflow: suggestionsOf(waits.plan), requires_confirmation: true }
      : said;
  }

  private async asked(call: ChatCall, message: string): Promise<Said> {
    const input = inputFor(await this.store.workbookRecords.files(call), []);
    if (!input) {
      await this.store.workbookChats.asked(call, message);
      const text = 'Upload the workbook (.xlsx) or CSV file that I am to do this with.';
      return { ...simple('request', 'await_file', text), requires_file: true };
    }
    return toReply(await this.plans.propose(call, { message, input }));
  }

  private async remember(call: ChatCall, said: Said): Promise<void> {
    const { bot_response: content, intent, suggested_workflow: plan } = said;
    await this.store.workbookRecords.say(call, {
      kind: 'system',
      content,
      data: { intent, suggested_workflow: plan },
    });
  }
}

const simple = (type: string, action: string, text: string): Said => ({
  ...nothing,
  bot_response: text,
  intent: { type, confidence: 1 },
  action,
});

/** What the job has come to so far. */
function toReply(job: Job): Said {
  const proposal = proposalOf(job);
  if (proposal) {
    const { plan, intent, notes } = proposal;
    return {
      ...nothing,
      bot_response: [`I propose:\n${inWords(plan)}`, ...notes, 'Shall I run it?'].join('\n'),
      intent,
      suggested_workflow: suggestionsOf(plan),
      requires_confirmation: true,
      action: 'await_confirmation',
      job_id: job.id,
    };
  }
  const unknown = { ...simple('unknown', 'none', ''), intent: { type: 'unknown', confidence: 0 } };
  if (job.done) return { ...unknown, bot_response: `There is no plan. ${whyFailed(job)}` };
  const late =
    'I am still working on a plan. Say yes when you want it run; the history shows it once it is there.';
  return { ...unknown, bot_response: late, job_id: job.id };
}
