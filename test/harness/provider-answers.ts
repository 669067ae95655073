/** A raw answer over HTTP. It ends when the connection does. */
export const rawAnswer = (
  body: string,
  { status = '200 OK', type = 'text/event-stream', headers = [] as readonly string[] } = {},
): string =>
  [`HTTP/1.1 ${status}`, `content-type: ${type}`, ...headers, 'connection: close', '', body].join('\r\n');

export const jsonAnswer = (status: string, body: unknown, headers: readonly string[] = []): string =>
  rawAnswer(JSON.stringify(body), { status, type: 'application/json', headers });

export const event = (payload: unknown): string =>
  `data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;

/** One chunk of a chat completion. */
export const chunk = (choice: Record<string, unknown> | null, rest: Record<string, unknown> = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 0,
  model: 'm',
  choices: choice === null ? [] : [{ index: 0, finish_reason: null, ...choice }],
  ...rest,
});

export const said = (content: unknown) => chunk({ delta: { content } });
export const ended = (reason: string | null = 'stop') => chunk({ delta: {}, finish_reason: reason });
export const usage = { prompt_tokens: 900, completion_tokens: 120, total_tokens: 1020 };
export const cost = chunk(null, { usage });
export const done = '[DONE]';

/** A stream of these events. */
export const stream = (...events: unknown[]): string => rawAnswer(events.map(event).join(''));
