import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, root, run } from './commands.mjs';

const stamp = join(root, 'node_modules/.lock-hash');

/** Makes node_modules what the lockfile says, unless it is. */
export async function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  console.log('Installing the dependencies (npm ci); this takes half a minute to a few minutes.');
  const started = performance.now();
  let result = await npmCi();
  // An install that was interrupted can leave an npm behind that is still writing.
  if (result.code !== 0 && result.output.includes('ENOTEMPTY')) result = await npmCi();
  if (result.code !== 0) {
    throw new CommandError(`The dependencies could not be installed.\n${result.output.trim()}`, result.code);
  }
  writeFileSync(stamp, wanted);
  console.log(`Installed in ${Math.round((performance.now() - started) / 1000)} s.`);
}

function npmCi() {
  // Under npm, exactly the npm that called us; it is not always the one on the PATH.
  const npm = process.env.npm_execpath;
  const [program, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const args = [...first, 'ci', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'];
  return run(program, args, { output: 'captured' });
}
