import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { projectRoot } from '../../scripts/local/project.js';
import { startModelServer } from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { patternOf, shellExamples } from '../harness/shell-examples.js';
import { runScript, type StackPlace, stackPlace } from '../harness/stack-process.js';

jest.setTimeout(400_000);

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');

/** From one heading up to another. */
function part(from: string, to: string): string {
  const [begin, end] = [readme.indexOf(`## ${from}\n`), readme.indexOf(`## ${to}\n`)];
  expect([begin, end]).not.toContain(-1);
  return readme.slice(begin, end);
}

let place: StackPlace;

beforeAll(async () => {
  const { env, ...rest } = await stackPlace();
  place = { ...rest, env: { ...env, MODEL: '', MODELS: '', API_KEY: '' } };
});
afterAll(() => place.clear());

/** Runs commands one after the other in one shell, as a person does. @returns what each of them printed */
async function inOneShell(commands: readonly string[]): Promise<string[]> {
  const mark = '\n--- the next ---\n';
  // A loop of the page that never comes to its end fails with what was printed up to there.
  const limit = AbortSignal.timeout(240_000);
  const shell = spawn('bash', { env: place.env, stdio: ['pipe', 'pipe', 'pipe'], signal: limit });
  shell.once('error', () => undefined);
  const chunks: string[] = [];
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  const here = (command: string) => command.replaceAll('127.0.0.1:3000', `127.0.0.1:${place.ports.PORT}`);
  shell.stdin.end(
    commands.map((command) => `${here(command)}\nprintf '${JSON.stringify(mark).slice(1, -1)}'\n`).join(''),
  );
  await once(shell, 'close');
  const printed = chunks.join('').split(mark);
  if (limit.aborted)
    throw new Error(`The commands did not come to an end. They printed:\n${printed.join('\n')}`);
  return printed.slice(0, -1);
}

async function check(page: string): Promise<void> {
  const examples = shellExamples(page);
  const printed = await inOneShell(examples.map(({ command }) => command));
  expect(printed).toHaveLength(examples.length);
  for (const [index, { command, expected }] of examples.entries()) {
    expect({ command, printed: printed[index] }).toEqual({
      command,
      printed: expect.stringMatching(patternOf(expected)),
    });
  }
}

describe('the commands of the README answer as it says, in the order they stand', () => {
  it('from the first job to what it cost, without a model', async () => {
    expect(await runScript('start --background', place.env)).toMatchObject({ code: 0 });
    const page = part('Ask for something', 'Job types');
    // Otherwise a changed heading would make this test one of nothing.
    expect(shellExamples(page).length).toBeGreaterThan(10);
    await check(page);
    expect(await runScript('stop', place.env)).toMatchObject({ code: 0 });
  });

  it('and a question to a model, once one is named and the stack is started again', async () => {
    const [settings = '', question = ''] = part('Ask a model', 'Ask for something').split(
      /(?<=^```\n)(?=\n```sh)/m,
    );
    const model = /^MODEL=(\S+)$/m.exec(settings)?.[1];
    const models = await startModelServer();
    try {
      models.next('answer', { text: 'Sunlight is scattered by the air.' });
      const env = { ...place.env, MODEL: model, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: models.url };
      expect(await runScript('start --background', env)).toMatchObject({ code: 0 });
      expect(shellExamples(question)).toHaveLength(1);
      await check(question);
    } finally {
      await models.close();
    }
  });
});

failOnLeftovers();
