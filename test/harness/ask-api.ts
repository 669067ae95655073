import { randomUUID } from 'node:crypto';
import { whileBusy } from './while-busy.js';

export interface Wish {
  method?: string;
  body?: unknown;
  /** An API key. */
  key?: string;
}

export interface ApiAnswer<T> {
  status: number;
  body: T;
}

/** What the API there answers. A busy one that puts it off is asked again: with its Idempotency-Key it is the same wish. */
export async function askApi<T>(
  address: string,
  { body, key, method = body === undefined ? 'GET' : 'POST' }: Wish = {},
): Promise<ApiAnswer<T>> {
  const wish = {
    method,
    headers: {
      connection: 'close',
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const read = async () => {
    const answer = await fetch(address, wish);
    return { status: answer.status, body: (await answer.json()) as T };
  };
  return whileBusy(read, ({ status }) => status);
}

/** The same, of what it does not refuse. @throws where it refuses */
export async function toldByApi<T>(address: string, body?: object): Promise<T> {
  const answer = await askApi<T>(address, { body });
  if (answer.status >= 300) throw new Error(`${address}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
