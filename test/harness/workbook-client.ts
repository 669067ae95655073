import type { House } from './house.js';
import { until } from './until.js';

/** Every field that an answer of those routes can have; a test looks at those it is about. */
export interface ChatData {
  chat_id: string;
  job_id: string;
  status: string;
  state: string;
  bot_response: string;
  error: string | null;
  error_type: string;
  started_at: string | null;
  details: { errors: { pointer: string; detail: string }[] };
  requires_confirmation: boolean;
  requires_file: boolean;
  suggested_workflow: { operation: string; arguments: object; description: string }[];
  file_path: string;
  download_url: string;
  result: {
    output_files: { file_path: string; download_url: string }[];
    results: { step_id: string; operation: string; status: string; download_url: string }[];
  } | null;
  jobs: { job_id: string; status: string }[];
  files: { filename: string; type: string; download_url: string }[];
  messages: { type: string; content: string; metadata: { suggested_workflow?: object[] } }[];
  workflow_steps: { job_id: string; status: string; operation: string; download_url: string | null }[];
}

export interface ChatAnswer {
  status: number;
  body: {
    data: ChatData;
    message: string;
    meta: Record<string, string>;
    status_code: number;
    total: number;
    error?: string;
  };
}

export const peopleCsv = 'name,city\nMarta,Lyon\nBao,Nice\nAna,Lyon\n';
export const toJson = { operation: 'json/generate', arguments: { columns: ['name'] } };

/**
 * Asks as the documented client does: no Content-Type, or that of a text.
 * @param options.asksAgain whether what is answered 503 is asked again, as long as a test waits
 */
export function workbookClient({ url: house }: Pick<House, 'url'>, { asksAgain = true } = {}) {
  const base = `${house}/api/v1/chat`;
  const ask = async (path: string, options: RequestInit = {}): Promise<ChatAnswer> => {
    let last = '';
    const once = async () => {
      const response = await fetch(`${base}${path}`, options);
      last = await response.text();
      if (response.status === 503 && asksAgain) return false;
      return { status: response.status, body: JSON.parse(last) as ChatAnswer['body'] };
    };
    return until(once, { what: `${path} is answered`, everyMs: 200, seen: () => last });
  };
  const post = (path: string, body?: unknown) =>
    ask(path, {
      method: 'POST',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const of = (chat: string) => `/bot/conversations/${chat}`;
  const client = {
    ask,
    post,
    open: async (): Promise<string> => (await post('/bot/conversations')).body.data.chat_id,
    upload(chat: string, { text = peopleCsv, name = 'people.csv' } = {}) {
      const form = new FormData();
      form.set('file', new Blob([text], { type: 'text/csv' }), name);
      return ask(`${of(chat)}/upload`, { method: 'POST', body: form });
    },
    say: (chat: string, message: string) => post(`${of(chat)}/message`, { message }),
    confirm: (chat: string, plan?: object[]) =>
      post(`${of(chat)}/confirm`, { confirmed: true, ...(plan ? { modified_workflow: plan } : {}) }),
    decline: (chat: string) => post(`${of(chat)}/confirm`, { confirmed: false }),
    status: (chat: string, job: string) => ask(`${of(chat)}/workflow/status/${job}`),
    history: async (chat: string): Promise<ChatData> => (await ask(`${of(chat)}/history`)).body.data,
    remove: (chat: string) => ask(of(chat), { method: 'DELETE' }),
    /** A conversation whose plan waits, and the job that waits with it. */
    async proposed(): Promise<{ chat: string; job: string }> {
      const chat = await client.open();
      await client.upload(chat);
      // What is said again takes the place of a plan that a busy machine did not make in time.
      const told = async () => {
        const { body } = await client.say(chat, 'convert it to JSON');
        return body.data.requires_confirmation && body.data;
      };
      const { job_id: job } = await until(told, { what: 'a plan is proposed' });
      return { chat, job };
    },
    async ended(chat: string, job: string): Promise<ChatData> {
      let last: ChatAnswer | undefined;
      return until(
        async () => {
          last = await client.status(chat, job);
          const { data } = last.body;
          return ['completed', 'failed', 'cancelled'].includes(data.status) ? data : false;
        },
        { what: 'the plan has ended', seen: () => JSON.stringify(last) },
      );
    },
  };
  return client;
}

export type WorkbookClient = ReturnType<typeof workbookClient>;
