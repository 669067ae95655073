import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Ends the bootstrap with a message for people and an exit code. */
export class CommandError extends Error {
  name = 'CommandError';

  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The Node that comes with the dependencies; where there is none for this machine, this one if it is new enough. */
export function node24() {
  const installed = join(root, 'node_modules/.bin/node');
  if (existsSync(installed)) return installed;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  throw new CommandError(
    `No Node 24 comes from npm for ${process.platform}-${process.arch}, and this Node is ${process.versions.node}. ` +
      'Install Node 24 and start again with it.',
  );
}

/** A program of node_modules/.bin. */
export function tool(name) {
  return join(root, 'node_modules/.bin', name);
}

/**
 * Runs a program with our terminal, passes signals on, and resolves with its exit code.
 * With `output: 'captured'` resolves with `{code, output}` instead. An aborted signal kills it.
 */
export function run(program, args, { env = process.env, output = 'inherited', signal } = {}) {
  const captured = output === 'captured';
  return new Promise((resolve, reject) => {
    const path = `${join(root, 'node_modules/.bin')}:${env.PATH ?? ''}`;
    const child = spawn(program, args, {
      cwd: root,
      env: { ...env, PATH: path },
      stdio: captured ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    const text = [];
    child.stdout?.setEncoding('utf8').on('data', (chunk) => text.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk) => text.push(chunk));
    const stopPassing = passSignals(child);
    child.once('error', (error) => {
      stopPassing();
      reject(new CommandError(`${program} could not be run: ${error.message}`));
    });
    child.once('close', (exitCode, endedBy) => {
      stopPassing();
      const code = exitCode ?? 128 + (constants.signals[endedBy] ?? 0);
      resolve(captured ? { code, output: text.join('') } : code);
    });
  });
}

function passSignals(child) {
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      // A Ctrl-C in the terminal has reached the child already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  // npm passes a SIGTERM only to its shell, which ends without passing it on; its death is all that reaches us.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  return () => {
    clearInterval(watch);
    handlers.forEach((remove) => remove());
  };
}
