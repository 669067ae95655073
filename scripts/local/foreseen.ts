import { ConfigError } from '../../src/config.js';
import { PortTakenError } from './ports.js';
import { StartError } from './server-process.js';
import { NoTemporalCliError } from './temporal-cli.js';

const foreseen = [ConfigError, NoTemporalCliError, PortTakenError, StartError];

/** What to show of an error that ends a command: where the message says everything, only that; a defect shows where it is. */
export function toShow(error: unknown): unknown {
  return error instanceof Error && foreseen.some((kind) => error instanceof kind) ? error.message : error;
}
