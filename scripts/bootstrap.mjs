// Runs before anything is installed or built, on any Node from 20.19: Node built-ins only.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './bootstrap/build.mjs';
import { check } from './bootstrap/check.mjs';
import { node24, run, root } from './bootstrap/commands.mjs';
import { install } from './bootstrap/install.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { test } from './bootstrap/test.mjs';

const [command = '', ...args] = process.argv.slice(2);

const script = (name) => () => run(node24(), [join('dist', name), ...args]);

const commands = {
  start: { needs: 'build', run: script('scripts/start.js') },
  stop: { needs: 'build', run: script('scripts/stop.js') },
  new: { needs: 'build', run: newJobType },
  reset: { needs: 'build', run: script('scripts/reset.js') },
  keys: { needs: 'build', run: script('scripts/keys.js') },
  demo: { needs: 'build', run: script('scripts/demo.js') },
  client: { needs: 'build', run: script('scripts/client.js') },
  chaos: { needs: 'build', run: script('test/chaos/index.js') },
  real: { needs: 'build', run: script('test/real/index.js') },
  bench: { needs: 'build', run: script('bench/index.js') },
  build: { needs: 'build', run: async () => 0 },
  test: { needs: 'build', run: () => test(args) },
  check: { needs: 'install', run: () => check() },
};

/** Files first; what is made of them, once they are built. */
async function newJobType() {
  const written = await script('scripts/new.js')();
  if (written !== 0) return written;
  await withLock(build);
  for (const file of ['scripts/client.js', 'scripts/pin-prompts.js', 'test/histories/record-job-type.js']) {
    const code = await script(file)();
    if (code !== 0) return code;
  }
  console.log('Next: change it into what you need, and look with npm run check and npm test.');
  return 0;
}

process.exitCode = await main();

async function main() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return fail(`Longhaul needs Node 20.19 or newer to start; this is ${process.versions.node}.`);
  }
  const chosen = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!chosen)
    return fail(`Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join('|')}> [arguments]`);
  process.chdir(root);
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    await withLock(async () => {
      await install();
      if (chosen.needs === 'build') await build();
    });
    return await chosen.run();
  } catch (error) {
    if (error.name === 'CommandError') return fail(error.message, error.exitCode);
    throw error;
  }
}

function fail(message, exitCode = 1) {
  if (message) console.error(message);
  return exitCode;
}
