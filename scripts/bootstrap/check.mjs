import { run, tool } from './commands.mjs';

/** @type {[name: string, program: string, args: string[]][]} */
const steps = [
  ['types', 'tsc', ['--noEmit', '-p', '.']],
  ['types of the page', 'tsc', ['-p', 'web']],
  ['lint', 'oxlint', ['--type-aware']],
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['unused', 'knip', []],
];

/** Everything that can be said about the sources without running them. All steps run, so that one look shows all there is to mend. */
export async function check() {
  let failures = 0;
  for (const [name, program, args] of steps) {
    const started = performance.now();
    const { code, output } = await run(tool(program), args, { output: 'captured' });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${program}, ${seconds} s)`);
    if (code !== 0) {
      failures += 1;
      console.log(output.trim());
    }
  }
  return failures === 0 ? 0 : 1;
}
