import { shared } from './servers.js';

export default async function globalTeardown(): Promise<void> {
  await shared.servers?.close();
}
