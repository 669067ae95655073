import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jobTypes } from '../job-types/index.js';
import { projectRoot } from './local/project.js';
import { namesOf } from './new/names.js';
import { NotWritten, writeJobType } from './new/write.js';

const usage = `npm run new -- <name>    writes a job type that works, to be changed into yours
A name is written as clients send it: sumUpText.`;

/** Words that cannot name a constant, and `prompt`, whose activity would have the name of another. */
const reserved = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'prompt public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof NotWritten ? error.message : error);
  process.exitCode = 1;
}

async function main([given = '', ...rest]: string[]): Promise<number> {
  const names = namesOf(given);
  if (!names || rest.length > 0 || reserved.has(names.camel)) {
    console.error(usage);
    return 2;
  }
  if (Object.hasOwn(jobTypes, names.camel)) {
    throw new NotWritten(`There is a job type ${names.camel} already. Choose another name.`);
  }
  const written = writeJobType(names);
  const prettier = join(projectRoot, 'node_modules/prettier/bin/prettier.cjs');
  await promisify(execFile)(process.execPath, [prettier, '--write', '--log-level=warn', ...written], {
    cwd: projectRoot,
  });
  console.log(`Written: ${written.join(', ')}`);
  return 0;
}
