import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { findTemporal } from '../../scripts/local/temporal-server.js';
import { findPostgres } from '../../scripts/local/postgres.js';
import { postgresDataDir, temporalDataDir } from '../../scripts/local/settings.js';
import { readRecord } from '../../scripts/local/stack-record.js';
import type { JobList } from '../../src/jobs/job-list.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { aliveAmong, StackProcess, type StackPlace, stackPlace } from '../harness/stack-process.js';
import { until } from '../harness/until.js';

jest.setTimeout(900_000);

let place: StackPlace;

beforeEach(async () => {
  const { env, ...rest } = await stackPlace();
  // Whatever the person who runs the tests has set up, no real model is asked.
  place = { ...rest, env: { ...env, MODEL: '', MODELS: '', API_KEY: '' } };
});
afterEach(() => place.clear());

const partsOf = ({ dataDir }: StackPlace) => Object.values(readRecord(dataDir)?.parts ?? {});

const openJobs = async (): Promise<JobList['items']> => {
  const answer = await fetch(`http://127.0.0.1:${place.ports.PORT}/v1/jobs?status=active`);
  return ((await answer.json()) as JobList).items;
};

it('the demo starts the stack, plays a recorded answer with its translations, and leaves the link open', async () => {
  const demo = StackProcess.demo(place, '--words', '5');
  expect({ code: await demo.end(), output: demo.output }).toMatchObject({ code: 0 });
  expect(demo.output).toMatch(/^A recorded answer is played \(samples\/el-faro\.answer\.json\)/);
  // They are seen while the model is writing, long before the table of what was saved.
  expect(demo.output).toMatch(/rocas → rochers[^]*gaviotas → mouettes[^]*^word +lemma/m);
  expect(demo.output).toMatch(/^gaviotas +gaviota +noun +mouettes /m);
  expect(demo.output).toMatch(/^5 new words saved, 0 updated; chosen by openai\/recorded-answer\.$/m);
  expect(demo.output).toContain('stays up in the background');
  const [link = ''] = /http:\S+\/workflows\/job_\S+/.exec(demo.output) ?? [];
  expect(link).toContain(`:${place.ports.TEMPORAL_UI_PORT}/`);
  const page = await fetch(link);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  expect(aliveAmong(partsOf(place))).toHaveLength(4);

  const other = StackProcess.demo(place, '--words', '5', '--to', 'German');
  expect({ code: await other.end(), output: other.output }).toMatchObject({ code: 0 });
  expect(other.output).toMatch(/^5 new words saved, 0 updated; chosen by rules\.$/m);
  expect(other.output).toContain('Set MODEL');

  const cv = StackProcess.demo(place, 'generateCv');
  expect({ code: await cv.end(), output: cv.output }).toMatchObject({ code: 0 });
  expect(cv.output).toMatch(/^A recorded answer is played \(samples\/generate-cv\.answer\.txt\)/);
  expect(cv.output).toMatch(/^Saved as version 1 of document 1; written by openai\/recorded-answer\.$/m);

  const theme = StackProcess.demo(place, 'createTheme');
  expect({ code: await theme.end(), output: theme.output }).toMatchObject({ code: 0 });
  expect(theme.output).toMatch(/^A recorded answer is played \(samples\/create-theme\.answer\.json\)/);
  expect(theme.output).toMatch(/de lepel → the spoon[^]*^word +lemma/m);
  expect(theme.output).toMatch(/^12 new words saved, 0 updated; chosen by openai\/recorded-answer\.$/m);

  const given = StackProcess.demo(place, 'translateWords');
  expect({ code: await given.end(), output: given.output }).toMatchObject({ code: 0 });
  expect(given.output).toMatch(/la marea → la marée[^]*^word +lemma/m);
  expect(given.output).toMatch(/^5 new words saved, 0 updated; translated by openai\/recorded-answer\.$/m);

  const crash = StackProcess.demo(place, '--crash', '--words', '5');
  expect({ code: await crash.end(), output: crash.output }).toMatchObject({ code: 0 });
  expect(crash.output).toMatch(/kill -9 of the worker[^]*attempt 2[^]*rocas → rochers[^]*^word +lemma/m);
  expect(crash.output).toContain('attempt 2 succeeded, and the words were saved once');

  const cancel = StackProcess.demo(place, '--cancel');
  expect({ code: await cancel.end(), output: cancel.output }).toMatchObject({ code: 0 });
  expect(cancel.output).toMatch(/POST \/cancel, in the middle of the answer: 202 after \d+ ms, cancel/);
  expect(cancel.output).toMatch(/connection to the model was closed \d+ ms after/);
  expect(cancel.output).toMatch(
    /The job reads cancelled .* kept in "output": [1-9]\d* whole words\. Nothing was/,
  );

  const chat = StackProcess.demo(place, 'chatReply');
  expect({ code: await chat.end(), output: chat.output }).toMatchObject({ code: 0 });
  expect(chat.output).toMatch(/samples\/chat-reply\.answer\.txt[^]*nobody mistakes it[^]*Replied by openai/);

  const story = StackProcess.demo(place, 'createStory');
  expect({ code: await story.end(), output: story.output }).toMatchObject({ code: 0 });
  expect(story.output).toMatch(/samples\/create-story\.answers\.json[^]*of the type researchSubject/);
  expect(story.output).toMatch(/Segment \d of 4: [^]*"Forty Seconds": 4 of 4 segments, complete/);

  const research = StackProcess.demo(place, 'researchSubject');
  expect({ code: await research.end(), output: research.output }).toMatchObject({ code: 0 });
  expect(research.output).toMatch(/5 facts, 2 people and 2 quests; put in order by openai[^]*version 1/);

  const recordings = StackProcess.demo(place, 'transcribeFolder');
  expect({ code: await recordings.end(), output: recordings.output }).toMatchObject({ code: 0 });
  expect(recordings.output).toMatch(
    /A bell, struck once\.[^]*2 recordings have a text, 0 failed; by transcripts/,
  );

  const texts = StackProcess.demo(place, 'summariseFolder');
  expect({ code: await texts.end(), output: texts.output }).toMatchObject({ code: 0 });
  expect(texts.output).toMatch(/Put the summaries together[^]*3 files were summarised by openai\/recorded/);

  const refused = StackProcess.demo(place, 'file:///etc/passwd');
  expect(await refused.end()).toBe(1);
  expect(refused.output.trim().split('\n')).toEqual([
    'Request is not valid:',
    expect.stringContaining('/input/url: scheme "file"'),
  ]);

  const stopped = StackProcess.demo(place, '--crash');
  await stopped.says('Submitted');
  expect(await stopped.interrupt()).toBe(130);
  // Its worker is gone: an open job would stay open for ever.
  await until(async () => (await openJobs()).length === 0, { what: 'its job is listed as ended' });
  expect(aliveAmong(partsOf(place))).toHaveLength(4);
});

it('a demo that is interrupted ends the stack it was starting', async () => {
  const demo = StackProcess.demo(place);
  await demo.says('Starting the API');
  expect(await demo.interrupt()).toBe(130);
  expect(readRecord(place.dataDir)).toBeUndefined();
  expect(findPostgres(postgresDataDir(place.dataDir))).toEqual([]);
  expect(findTemporal(temporalDataDir(place.dataDir))).toEqual([]);
});

failOnLeftovers();
