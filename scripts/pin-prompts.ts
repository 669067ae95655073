import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './local/project.js';
import { promptVersions } from './new/prompt-versions.js';

/** Writes down the versions of all prompts, which a test compares with those there are: a change has to be meant. */
const file = 'test/prompts.json';
await writeFile(join(projectRoot, file), `${JSON.stringify(await promptVersions(), null, 2)}\n`);
process.stdout.write(`Written: ${file}\n`);
