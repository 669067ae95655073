import { freePort } from '../../scripts/local/ports.js';
import { type OwnProcess, startOwnProcess } from './own-process.js';

export interface ApiProcess extends OwnProcess {
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
}

/**
 * The API as it runs in production, in a process of its own that ends with this one.
 *
 * @param at the port of one that has ended, to come back in its place
 */
export async function startApiProcess(env: Record<string, string>, at?: number): Promise<ApiProcess> {
  const port = at ?? (await freePort());
  const own = await startOwnProcess('src/main.js', { ...env, HOST: '127.0.0.1', PORT: String(port) });
  return { ...own, port, url: `http://127.0.0.1:${port}` };
}
