/** Where the API is, and who asks. The key, where one is needed, is left for the reader to put in. */
const beginning = (
  imports: string,
  withKey: boolean,
): string => `import { client } from './client/client.gen.js';
import { ${imports} } from './client/index.js';

client.setConfig({ baseUrl: ${JSON.stringify(location.origin)}${withKey ? ', auth: process.env.LONGHAUL_KEY' : ''} });
`;

/** A program with the typed client of `client/`, which waits for the job that stands here. */
export const followingCode = (id: string, { withKey }: { withKey: boolean }): string => `${beginning(
  'readJob',
  withKey,
)}
const { data: job, error } = await readJob({
  path: { id: ${JSON.stringify(id)} },
  headers: { prefer: 'wait=30' },
});
console.log(error ?? job);
`;

/** The same that the form would send. */
export const submittingCode = (request: unknown, { withKey }: { withKey: boolean }): string => `${beginning(
  'submitJob',
  withKey,
)}
const { data: job, error } = await submitJob({
  body: ${JSON.stringify(request, null, 2).replaceAll('\n', '\n  ')},
  headers: { 'idempotency-key': crypto.randomUUID() },
});
console.log(error ?? job);
`;
