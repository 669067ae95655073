import { setSourceMapsSupport } from 'node:module';

/** The oldest Node that every dependency runs on. */
const oldestNode = [22, 19] as const;

/** Ends the process with a sentence when its Node is too old to be worth a stack trace. */
export function requireNode(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  process.stderr.write(
    `Longhaul needs Node ${oldestNode.join('.')} or newer and this is ${version}. ` +
      '`npm start` brings its own; otherwise run dist/ with a newer node.\n',
  );
  process.exit(1);
}

/**
 * An empty variable is an absent one, for libraries too. They read some of the same names while they are being
 * loaded. One of them refuses an empty address.
 */
export function dropEmptyVariables(env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(env)) if (value === '') delete env[name];
}

/** Stack traces of our code name its sources. The maps of libraries would take another 10 MB of every thread. */
export function traceSources(): void {
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
}

/** Under the local stack: end when the parent is gone, so that nothing runs that nobody watches. */
export function followParent(): void {
  if (!process.connected) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/** Tells the local stack, if there is one, that work is taken from now on. */
export function announceReady(): void {
  process.send?.({ ready: true });
}

/**
 * Prints one line for a mistake in the configuration, everything for a fault, and ends the process. Under the local
 * stack, the line also goes to whoever has started the stack.
 */
export function endWith(error: unknown): void {
  const expected = error instanceof Error && error.name === 'ConfigError';
  process.stderr.write(
    `${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  if (expected && process.connected)
    process.send?.({ refusal: error.message }, undefined, undefined, () => process.exit(1));
  else process.exit(1);
}
