import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { generateCoverLetter } from '../../job-types/generate-cover-letter.js';
import type { GenerateCoverLetterResult } from '../../job-types/generate-cover-letter.js';
import type { Document } from '../../src/library/document-views.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
});
afterAll(() => house.close());

it('generateCoverLetter writes a letter that goes with a CV, and saves it beside that', async () => {
  const applicationId = randomUUID();
  const submit = async (type: string, change: object = {}) => {
    const { id } = await house.submitJob(type, { ...generateCoverLetter.example, applicationId, ...change });
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    return job.result as GenerateCoverLetterResult;
  };
  house.models.next('answer', { text: 'The CV.' });
  const cv = await submit('generateCv');
  house.models.next('answer', { text: 'Dear team,' });
  const letter = await submit('generateCoverLetter', { cv: cv.markdown });
  expect(letter).toMatchObject({ markdown: 'Dear team,', version: 1, mayBeUnverifiable: false });
  expect(JSON.stringify(house.models.calls.at(-1)?.body)).toContain('The CV.');
  expect(letter.documentId).not.toBe(cv.documentId);
  const { body } = await house.ask<Document>('GET', `/v1/documents/${letter.documentId}`);
  expect(body).toMatchObject({ applicationId, kind: 'coverLetter', markdown: 'Dear team,' });
});

failOnLeftovers();
