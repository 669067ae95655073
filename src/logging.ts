import type { LoggerService } from '@nestjs/common';
import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from './config.js';

const soonest = pino.levels.values['warn'] ?? 0;

/**
 * A line for each poll, each written by itself, would be a tenth of what a poll costs. Characters and milliseconds.
 * Synchronous, so that what is flushed has been written.
 */
const gathered = { minLength: 4_096, periodicFlush: 250, sync: true };

/** One JSON object a line on standard output. Warnings and worse are there at once, the rest soon. */
export function createLogger(config: Config, process_: 'api' | 'worker'): Logger {
  const output = pino.destination(gathered);
  process.once('exit', () => output.flushSync());
  const options: LoggerOptions = {
    level: config.LOG_LEVEL,
    base: { process: process_ },
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    hooks: {
      logMethod(line, write, level) {
        write.apply(this, line);
        // What is written outlives the process; flushSync would wait for the disk as well, and all requests with it.
        if (level >= soonest) output.flush();
      },
    },
  };
  return pino(options, output);
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's own lines in the same form. Nest passes the context, and for errors the stack, behind the message. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: Level) =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      const bindings = typeof context === 'string' ? { context } : {};
      if (message instanceof Error) logger[level]({ ...bindings, err: message });
      else logger[level]({ ...bindings, ...(rest.length > 1 ? { stack: rest[0] } : {}) }, String(message));
    };
  return {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    log: write('info'),
    debug: write('debug'),
    verbose: write('trace'),
  };
}
