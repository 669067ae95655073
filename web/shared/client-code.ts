/** A program with the typed client of `client/`, which waits for the job that stands here. */
export const followingCode = (id: string): string => `import { client } from './client/client.gen.js';
import { readJob } from './client/index.js';

client.setConfig({ baseUrl: ${JSON.stringify(location.origin)} });

const { data: job } = await readJob({
  path: { id: ${JSON.stringify(id)} },
  headers: { prefer: 'wait=30' },
});
console.log(job?.status, job?.result);
`;

/** The same that the form would send. */
export const submittingCode = (request: unknown): string => `import { client } from './client/client.gen.js';
import { submitJob } from './client/index.js';

client.setConfig({ baseUrl: ${JSON.stringify(location.origin)} });

const { data: job } = await submitJob({
  body: ${JSON.stringify(request, null, 2).replaceAll('\n', '\n  ')},
  headers: { 'idempotency-key': crypto.randomUUID() },
});
console.log(job);
`;
