import { z } from 'zod';
import { operationNames } from '../../../job-types/fields/workbook/operations.js';

const time = z.iso.datetime();

export const chatStates = [
  ...(['idle', 'awaiting_file', 'awaiting_confirmation', 'processing'] as const),
  ...(['completed', 'failed', 'cancelled'] as const),
] as const;
export type ChatState = (typeof chatStates)[number];

export const jobWords = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type JobWord = (typeof jobWords)[number];

export const ChatCreated = z
  .object({
    chat_id: z.string(),
    participant_name: z.string(),
    status: z.literal('created'),
    bot_message: z.string(),
    state: z.literal('idle'),
    created_at: time,
  })
  .meta({ id: 'WorkbookChat' });

export const Suggestion = z
  .object({
    operation: z.enum(operationNames),
    arguments: z.record(z.string(), z.json()),
    description: z.string(),
  })
  .meta({ id: 'WorkbookSuggestion' });
export type Suggestion = z.infer<typeof Suggestion>;

const OutputFile = z.object({ file_path: z.string(), download_url: z.string() });

export const Said = z
  .object({
    bot_response: z.string(),
    intent: z.object({ type: z.string(), confidence: z.number() }),
    suggested_workflow: z.array(Suggestion),
    requires_confirmation: z.boolean(),
    requires_file: z.boolean(),
    action: z.string(),
    output_files: z.array(OutputFile),
    job_id: z.string().optional().meta({ description: 'Of the plan that is proposed, or was confirmed' }),
  })
  .meta({ id: 'WorkbookReply' });
export type Said = z.infer<typeof Said>;

export const Uploaded = z
  .object({
    file_path: z.string(),
    filename: z.string(),
    download_url: z.string(),
    bot_response: z.string(),
    suggested_workflow: z.array(Suggestion),
    requires_confirmation: z.boolean(),
  })
  .meta({ id: 'WorkbookUpload' });
export type Uploaded = z.infer<typeof Uploaded>;

export const Submitted = z
  .object({
    job_id: z.string(),
    status: z.literal('submitted'),
    message: z.string(),
    bot_response: z.string(),
  })
  .meta({ id: 'WorkbookSubmitted' });
export type Submitted = z.infer<typeof Submitted>;

export const Declined = z
  .object({ bot_response: z.string(), output_files: z.array(OutputFile), results: z.array(z.json()) })
  .meta({ id: 'WorkbookDeclined' });
export type Declined = z.infer<typeof Declined>;

export const StepDone = z.object({
  step_id: z.string(),
  operation: z.string(),
  status: z.string(),
  output_file: z.string().nullable(),
  download_url: z.string().nullable(),
});
export type StepDone = z.infer<typeof StepDone>;

export const WorkflowStatus = z
  .object({
    job_id: z.string(),
    status: z.enum(jobWords),
    submitted_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    result: z
      .object({
        bot_response: z.string(),
        output_files: z.array(OutputFile),
        results: z.array(StepDone),
      })
      .nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'WorkbookJob' });
export type WorkflowStatus = z.infer<typeof WorkflowStatus>;

export const History = z
  .object({
    chat_id: z.string(),
    participant_name: z.string(),
    status: z.enum(['created', 'active', 'processing', 'completed', 'failed']),
    state: z.enum(chatStates),
    created_at: time,
    updated_at: time,
    messages: z.array(
      z.object({
        message_id: z.string(),
        type: z.enum(['user', 'system', 'file_upload']),
        content: z.string(),
        metadata: z.record(z.string(), z.json()),
        created_at: time,
      }),
    ),
    files: z.array(
      z.object({
        file_path: z.string(),
        filename: z.string(),
        type: z.enum(['uploaded', 'output']),
        size: z.int(),
        download_url: z.string(),
        created_at: time,
      }),
    ),
    workflow_steps: z.array(StepDone.extend({ job_id: z.string(), error: z.string().nullable() })),
    jobs: z.array(z.object({ job_id: z.string(), status: z.enum(jobWords) })),
  })
  .meta({ id: 'WorkbookHistory' });
export type History = z.infer<typeof History>;

export const Operations = z
  .object({
    operations: z.record(
      z.string(),
      z.array(
        z.object({
          operation: z.string(),
          description: z.string(),
          example: z.record(z.string(), z.json()),
          arguments: z.record(z.string(), z.json()).meta({ description: 'JSON Schema' }),
        }),
      ),
    ),
    total_intents: z.int(),
  })
  .meta({ id: 'WorkbookOperations' });

/** Where a file of a conversation is downloaded. */
export const downloadUrl = (chat: string, name: string): string =>
  `/api/v1/chat/workflows/${encodeURIComponent(chat)}/files/${encodeURIComponent(name)}`;

export const fileOf = (chat: string, name: string) => ({
  file_path: name,
  download_url: downloadUrl(chat, name),
});
