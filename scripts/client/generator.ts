import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../local/project.js';

const run = promisify(execFile);
const folder = join(projectRoot, 'scripts/client-generator');
const stamp = join(folder, 'node_modules/.lock-hash');

/** Writes the client for an OpenAPI document, replacing what is in the folder. Installs the generator when it is not there. */
export async function generateClient(documentFile: string, output: string): Promise<void> {
  await install();
  await run(process.execPath, [join(folder, 'generate.mjs'), documentFile, output], { cwd: folder });
}

/** Its own node_modules, so that its TypeScript 6 never stands in front of the project's 7. */
async function install(): Promise<void> {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // Under npm, exactly the npm that called us; it is not always the one on the PATH.
  const npm = process.env['npm_execpath'];
  const [program, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run(program ?? 'npm', [...first, ...args], { cwd: folder });
  writeFileSync(stamp, lock);
}
