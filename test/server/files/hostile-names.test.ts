import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'content-disposition';
import { runInStep } from '../../../activities/frame/step.js';
import { createStepFiles } from '../../../activities/providers/files.js';
import type { StoredFile, StoredFileList } from '../../../src/files/file-views.js';
import { createFiles } from '../../../store/files.js';
import { createMadeFiles } from '../../../store/made-files.js';
import { hostileNames, isHarmless } from '../../harness/hostile-names.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { recordingStep } from '../../harness/recording-step.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ RATE_LIMIT_UPLOAD: '0' });
});
afterAll(() => house.close());

/** @returns the id of the file; null where the request is refused */
async function post(
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: string },
) {
  const answer = await fetch(`${house.url}${path}`, { method: 'POST', headers, body });
  const file = (await answer.json()) as StoredFile;
  // What no database keeps as a text is no name. A form that a name breaks has no file, or is no form.
  if (![201, 400, 415, 422].includes(answer.status)) throw new Error(`It was answered ${answer.status}.`);
  return answer.status === 201 ? file.id : null;
}

/** As a browser does, and as a program does that leaves out what a browser would. */
const forms: readonly ((name: string) => string)[] = [
  (name) => name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22'),
  (name) => name.replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
  (name) => name,
];

const formOf = (name: string) => ({
  headers: { 'content-type': 'multipart/form-data; boundary=x' },
  body: `--x\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\ntext\r\n--x--\r\n`,
});

/** @returns what the list and a download call it */
async function namesOf(id: string): Promise<string[]> {
  const { body } = await house.request<StoredFileList>('GET', '/v1/files?pageSize=1');
  const { headers } = await fetch(`${house.url}/v1/files/${id}`, { method: 'HEAD' });
  const disposition = headers.get('content-disposition') ?? '';
  if (!/^attachment; filename[\x20-\x7E]+$/.test(disposition) || headers.has('set-cookie')) {
    throw new Error(`The name has come into the headers: ${disposition}`);
  }
  return [body.items[0]?.name ?? '', parse(disposition).parameters['filename'] ?? ''];
}

describe('a file that is called', () => {
  const wellFormed = hostileNames.filter(([given]) => given.isWellFormed());

  it.each(wellFormed.filter(([given]) => !given.includes('\0')))(
    '%j is kept, listed and given out as %j',
    async (given, shown) => {
      const id = await post(`/v1/files?name=${encodeURIComponent(given)}`, { body: 'text' });
      expect(await namesOf(id ?? '')).toEqual([shown, shown]);
    },
  );

  it.each(wellFormed.filter(([given]) => given.includes('\0')))('%j is refused', async (given) => {
    expect(await post(`/v1/files?name=${encodeURIComponent(given)}`, { body: 'text' })).toBeNull();
  });

  it.each(hostileNames)('%j in a form is harmless, or refused', async (given) => {
    for (const written of forms) {
      const id = await post('/v1/files', formOf(written(given)));
      const names = id === null ? [] : await namesOf(id);
      expect(names.filter((name) => !isHarmless(name) || name !== names[0])).toEqual([]);
    }
  });
});

describe('a file that a step makes and calls', () => {
  it.each(hostileNames)('%j is called %j', async (given, shown) => {
    const id = randomUUID();
    const step = {
      ...recordingStep({ name: 'convert' }),
      jobId: `job_${id}`,
      rootJobId: `job_${id}`,
      runId: id,
    };
    const files = createStepFiles({ files: createFiles(house.db), madeFiles: createMadeFiles(house.db) });
    const bytes = Buffer.from('text');
    const made = await runInStep(step, () => files.write({ name: given, mediaType: 'text/plain', bytes }));
    expect(made.name).toBe(shown);
    expect(isHarmless(made.name)).toBe(true);
  });
});

failOnLeftovers();
