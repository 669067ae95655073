/** How an answer ended, in OpenAI's words. `broken`: the server says that it is not complete. */
export type FinishWord = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'broken';

/** What servers call the end of an answer. */
const words: Readonly<Record<FinishWord, readonly string[]>> = {
  stop: [
    ...['stop', 'eos', 'eos_token', 'end_turn', 'stop_sequence', 'stop_token', 'stopped', 'end', 'done'],
    ...['finished', 'complete', 'completed', 'normal', 'endoftext', 'success'],
  ],
  length: [
    ...['length', 'max_tokens', 'max_length', 'max_output_tokens', 'max_new_tokens', 'token_limit', 'limit'],
    ...['model_length', 'model_context_window_exceeded', 'context_length'],
  ],
  content_filter: [
    ...[
      'content_filter',
      'content_filtered',
      'safety',
      'recitation',
      'blocklist',
      'prohibited_content',
      'spii',
    ],
    ...['sensitive', 'refusal', 'blocked', 'guardrail_intervened'],
  ],
  tool_calls: ['tool_calls', 'tool_call', 'tool_use', 'function_call'],
  broken: [
    ...['abort', 'aborted', 'cancelled', 'canceled', 'error', 'interrupted', 'network_error', 'timeout'],
    ...['insufficient_system_resource', 'unavailable', 'engine_overloaded', 'failed', 'incomplete'],
  ],
};

const byName = new Map(
  Object.entries(words).flatMap(([word, names]) => names.map((name) => [name, word as FinishWord] as const)),
);

/** Null for a word nobody here knows, which marks no end. */
export const finishWord = (said: string): FinishWord | null => {
  const name = said.trim().toLowerCase().replaceAll('-', '_').replaceAll(' ', '_');
  return byName.get(name.replace(/^finish_?reason_/, '')) ?? null;
};
