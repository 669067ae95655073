import { readdir } from 'node:fs/promises';

const folder = new URL('../../activities/prompts/', import.meta.url);

/** What the ledger calls each prompt now, in the order of their names. */
export async function promptVersions(): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.js'));
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, folder).href)) as Record<string, unknown>),
  );
  return modules.flatMap((module) => Object.values(module).filter(isVersion)).toSorted();
}

const isVersion = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9-]+@[0-9a-f]{8}$/.test(value);
