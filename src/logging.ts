import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from './config.js';

/** One JSON object a line on standard output. */
export const createLogger = (config: Config, process_: 'api' | 'worker'): Logger =>
  pino({
    level: config.LOG_LEVEL,
    base: { process: process_ },
    redact: ['req.headers.authorization', 'req.headers.cookie'],
  });

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
