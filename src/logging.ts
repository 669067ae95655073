import type { LoggerService } from '@nestjs/common';
import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from './config.js';
import { LogOutput, toStandardOutput } from './log-output.js';

const soonest = pino.levels.values['warn'] ?? 0;

/** Of this process, once it logs. */
let output: LogOutput | null = null;

/** Whether the log is written, and how many of its lines were lost since the process started. */
export const logState = (): { failing: boolean; dropped: number } => ({
  failing: output?.failing ?? false,
  dropped: output?.dropped ?? 0,
});

/** One JSON object a line on standard output. Warnings and worse are there at once, the rest soon. */
export function createLogger(config: Config, process_: 'api' | 'worker'): Logger {
  const log = new LogOutput(toStandardOutput(), (lines) => {
    const msg = `${lines} lines of this log are lost: it could not be written`;
    return `${JSON.stringify({ level: soonest, time: Date.now(), process: process_, msg })}\n`;
  });
  output = log;
  process.once('exit', () => log.flush());
  const options: LoggerOptions = {
    level: config.LOG_LEVEL,
    base: { process: process_ },
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    hooks: {
      logMethod(line, write, level) {
        write.apply(this, line);
        // What is written outlives the process. A log that cannot be written is tried again in its own time.
        if (level >= soonest && !log.failing) log.flush();
      },
    },
  };
  return pino(options, log);
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
