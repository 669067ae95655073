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

async function post(
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: string },
) {
  const answer = await fetch(`${house.url}${path}`, { method: 'POST', headers, body });
  return { status: answer.status, file: (await answer.json()) as StoredFile };
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

/** The name in the list is harmless, and a download has that name and no other header of its making. */
async function expectHarmless(id: string): Promise<string> {
  const { body } = await house.request<StoredFileList>('GET', '/v1/files?pageSize=1');
  const [listed] = body.items;
  expect(listed?.id).toBe(id);
  const name = listed?.name ?? '';
  expect([name, isHarmless(name)]).toEqual([name, true]);
  const { headers } = await fetch(`${house.url}/v1/files/${id}`, { method: 'HEAD' });
  const disposition = headers.get('content-disposition') ?? '';
  expect(disposition).toMatch(/^attachment; filename[\x20-\x7E]+$/);
  expect(parse(disposition).parameters['filename']).toBe(name);
  expect(headers.get('set-cookie')).toBeNull();
  return name;
}

describe('a file that is called', () => {
  it.each(hostileNames)('%j is kept, listed and given out as %j', async (given, shown) => {
    if (given.isWellFormed()) {
      const { status, file } = await post(`/v1/files?name=${encodeURIComponent(given)}`, { body: 'text' });
      // What no database keeps as a text is no name, and refused as one.
      expect(status).toBe(given.includes('\0') ? 422 : 201);
      if (status === 201) expect(await expectHarmless(file.id)).toBe(shown);
    }
    for (const written of forms) {
      const { status, file } = await post('/v1/files', formOf(written(given)));
      // A form that a name breaks has no file, or is no form.
      if (status === 201) await expectHarmless(file.id);
      else expect([400, 415, 422]).toContain(status);
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
