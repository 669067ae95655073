import { rm } from 'node:fs/promises';
import { servers } from './servers.js';

export default async function globalTeardown(): Promise<void> {
  await Promise.all(servers.running.map((server) => server.stop()));
  if (servers.folder !== undefined) await rm(servers.folder, { recursive: true, force: true });
}
