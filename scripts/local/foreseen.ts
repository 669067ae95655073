import { ConfigError } from '../../src/config.js';
import { errorCode } from './error-code.js';
import { PortTakenError } from './ports.js';
import { StartError } from './server-process.js';
import { NoTemporalCliError } from './temporal-cli.js';

const foreseen = [ConfigError, NoTemporalCliError, PortTakenError, StartError];

const otherFolder = 'Let this user write there, or set DATA_DIR to another folder.';

/** What to do where the system refuses a file or a folder. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: otherFolder,
  EPERM: otherFolder,
  EROFS: otherFolder,
  ENOTDIR: otherFolder,
  EEXIST: otherFolder,
  ENOSPC: 'Make room on the disk, and start again.',
};

/** What to show of an error that ends a command: where the message says everything, only that; a defect shows where it is. */
export function toShow(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (foreseen.some((kind) => error instanceof kind)) return error.message;
  const remedy = 'syscall' in error && 'path' in error ? remedies[String(errorCode(error))] : undefined;
  return remedy === undefined ? error : `${error.message}. ${remedy}`;
}
