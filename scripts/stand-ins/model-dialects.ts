import type { Asked } from './model-request.js';

/** One server-sent event. */
export interface Frame {
  event?: string;
  data: string;
}

export interface TokenCounts {
  /** Cached ones included. */
  input: number;
  cached: number;
  /** Reasoning included. */
  output: number;
  reasoning: number;
}

/** What a dialect says of every answer. */
export type AnswerName = Pick<Asked, 'model' | 'asTool'> & { id: string };

/** How a kind of model server puts what it has to say in one answer. Reasons and errors are given in OpenAI's words. */
export interface Dialect {
  begin(tokens: TokenCounts): Frame[];
  say(text: string): Frame[];
  /** `tokens` is null for a server that does not tell what an answer cost. */
  finish(reason: string, tokens: TokenCounts | null): Frame[];
  /** The body of a refusal, and an error in the middle of an answer. */
  error(error: Record<string, unknown>): { body: unknown; frames: Frame[] };
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export function openAiDialect({ id, model }: AnswerName): Dialect {
  const frame = (payload: Record<string, unknown>): Frame => ({
    data: JSON.stringify({
      id: `chatcmpl-${id}`,
      object: 'chat.completion.chunk',
      created: 0,
      model,
      ...payload,
    }),
  });
  return {
    begin: () => [],
    say: (content) => [frame({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })],
    finish(reason, tokens) {
      const usage = tokens && {
        prompt_tokens: tokens.input,
        completion_tokens: tokens.output,
        total_tokens: tokens.input + tokens.output,
        prompt_tokens_details: { cached_tokens: tokens.cached },
        completion_tokens_details: { reasoning_tokens: tokens.reasoning },
      };
      return [
        frame({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
        ...(usage ? [frame({ choices: [], usage })] : []),
        { data: '[DONE]' },
      ];
    },
    error: (error) => ({ body: { error }, frames: [frame({ error })] }),
  };
}

const anthropicReasons: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
  tool_calls: 'tool_use',
};

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function anthropicDialect({ id, model, asTool }: AnswerName): Dialect {
  const frame = (type: string, payload: Record<string, unknown> = {}): Frame => ({
    event: type,
    data: JSON.stringify({ type, ...payload }),
  });
  const block = asTool
    ? { type: 'tool_use', id: 'toolu_0', name: 'json', input: {} }
    : { type: 'text', text: '' };
  const pieceOf = (text: string) =>
    asTool ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text };
  const reasonOf = (reason: string) =>
    asTool && reason === 'stop' ? 'tool_use' : (anthropicReasons[reason] ?? reason);
  return {
    begin: ({ input, cached }) => [
      frame('message_start', {
        message: {
          id: `msg_${id}`,
          type: 'message',
          role: 'assistant',
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          // Anthropic counts cached ones apart.
          usage: { input_tokens: input - cached, cache_read_input_tokens: cached, output_tokens: 1 },
        },
      }),
      frame('content_block_start', { index: 0, content_block: block }),
    ],
    say: (text) => [frame('content_block_delta', { index: 0, delta: pieceOf(text) })],
    finish: (reason, tokens) => [
      frame('content_block_stop', { index: 0 }),
      frame('message_delta', {
        delta: { stop_reason: reasonOf(reason), stop_sequence: null },
        usage: { output_tokens: tokens?.output ?? 0 },
      }),
      frame('message_stop'),
    ],
    error: (error) => ({ body: { type: 'error', error }, frames: [frame('error', { error })] }),
  };
}
