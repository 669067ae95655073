import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.mjs';
import { node24, root, run } from './commands.mjs';

/**
 * Node keeps the modules of each test file for as long as its process lives, some 60 MB. Near the limit of its heap, a
 * process does little but look for garbage, and stands still for seconds: it is replaced before.
 */
const mostMemory = '1GB';

/** Those that run whole stacks measure and kill processes, and would disturb each other side by side. */
const rounds = [
  ['--selectProjects', 'fast', 'server', '--maxWorkers=100%', `--workerIdleMemoryLimit=${mostMemory}`],
  ['--selectProjects', 'stack', '--runInBand'],
];

/** Without arguments everything: the checks, then all tests. Arguments go to Jest and choose tests: a path, or -t and a name. */
export async function test(args) {
  let code = args.length === 0 ? await check() : 0;
  const totals = { passed: 0, failed: 0 };
  for (const round of rounds) {
    const result = await jest([...round, ...args]);
    code ||= result.code;
    totals.passed += result.passed;
    totals.failed += result.failed;
    if (result.code > 128) break;
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  return code;
}

const endLimitMs = 10_000;

/** Some hundred processes are started, which need a quarter less time when they find their code compiled. */
const compileCache = join(root, 'node_modules/.cache/compiled');

async function jest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-jest-'));
  const summary = join(folder, 'summary.json');
  const options = [
    process.env.NODE_OPTIONS,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ];
  const hanging = new AbortController();
  let since;
  // The summary is the last thing Jest writes. What is still open then is a leftover, for which it would wait for ever.
  const watch = setInterval(() => {
    if (!existsSync(summary)) return;
    since ??= performance.now();
    if (performance.now() - since > endLimitMs) hanging.abort();
  }, 500);
  try {
    const code = await run(
      node24(),
      [
        join(root, 'node_modules/jest/bin/jest.js'),
        ...args,
        ...['--passWithNoTests', '--json', `--outputFile=${summary}`],
        ...(process.env.CI ? ['--ci'] : []),
      ],
      {
        env: {
          ...process.env,
          NODE_OPTIONS: options.filter(Boolean).join(' '),
          NODE_COMPILE_CACHE: compileCache,
        },
        signal: hanging.signal,
      },
    );
    const counts = countsIn(summary);
    if (hanging.signal.aborted) {
      console.error('Jest did not end by itself: a test left something running; see above.');
      return { code: 1, passed: counts.passed, failed: Math.max(counts.failed, 1) };
    }
    return { code, ...counts };
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true });
  }
}

/** A test file that could not even be loaded counts as one failed test. */
function countsIn(summary) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(summary, 'utf8'),
    );
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch (error) {
    // Jest was interrupted, or failed before its first test, which its exit code tells.
    if (error.code === 'ENOENT') return { passed: 0, failed: 1 };
    throw error;
  }
}
