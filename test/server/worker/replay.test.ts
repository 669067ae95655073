import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { projectRoot } from '../../../scripts/local/project.js';
import { loopsBundle } from '../../harness/loops/processes.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

/** Histories that deployed versions have written; test/histories/record.ts says how to record them. */
const folder = join(projectRoot, 'test/histories');
const namesIn = (path: string): string[] =>
  readdirSync(path)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'));
const names = namesIn(folder);

beforeAll(() => {
  // Otherwise the core reports the histories that are meant to fail.
  const filter = makeTelemetryFilterString({ core: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter, console: {} } },
  });
});

const read = (name: string): string => readFileSync(join(folder, `${name}.json`), 'utf8');

/** Needs no server. @param code of the workflows; as they are deployed unless given. @returns what went wrong, by name; undefined for a history that replays. */
async function replay(histories: Readonly<Record<string, string>>, code?: string) {
  const named = Object.entries(histories).map(([workflowId, json]) => ({
    workflowId,
    history: historyFromJSON(JSON.parse(json)),
  }));
  const workflowBundle =
    code === undefined ? { codePath: join(projectRoot, 'dist/workflow-bundle.js') } : { code };
  const errors: Record<string, Error | undefined> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, named)) {
    errors[workflowId] = error;
  }
  return errors;
}

it('the workflows replay every history that a run may still have', async () => {
  const errors = await replay(Object.fromEntries(names.map((name) => [name, read(name)])));
  expect(errors).toEqual(Object.fromEntries(names.map((name) => [name, undefined])));
  expect(Object.keys(errors).toSorted()).toEqual(names.toSorted());
});

it('the frame replays every run of a job that goes on in several', async () => {
  const runs = namesIn(join(folder, 'loops'));
  const histories = Object.fromEntries(runs.map((name) => [name, read(`loops/${name}`)]));
  expect(runs.filter((name) => /-[23]$/.test(name))).not.toEqual([]);
  const errors = await replay(histories, await loopsBundle());
  expect(errors).toEqual(Object.fromEntries(runs.map((name) => [name, undefined])));
});

it.each([
  ['another step', /"saveWords"/g, '"keepWords"'],
  ['another name of a step', /"activityId": "extract"/g, '"activityId": "choose"'],
])('a workflow that would do %s than its history says is found out', async (_, from, to) => {
  const changed = read('succeeded').replace(from, to);
  expect(changed).not.toBe(read('succeeded'));
  expect((await replay({ changed }))['changed']?.name).toBe('DeterminismViolationError');
});

failOnLeftovers();
