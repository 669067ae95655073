import { freePort } from '../../scripts/local/ports.js';
import { type OwnProcess, startOwnProcess } from './own-process.js';

export interface ApiProcess extends OwnProcess {
  readonly port: number;
  readonly url: string;
}

/** The API as it runs in production, listening, in a process of its own that ends with this one. A free port unless given. */
export async function startApiProcess(env: Record<string, string>, port?: number): Promise<ApiProcess> {
  const listens = port ?? (await freePort());
  const api = await startOwnProcess('src/main.js', { ...env, HOST: '127.0.0.1', PORT: String(listens) });
  return { ...api, port: listens, url: `http://127.0.0.1:${listens}` };
}
