import 'reflect-metadata';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { loadConfig } from '../src/config.js';
import { createHttpApp } from '../src/http-app.js';
import { createLogger } from '../src/logging.js';

const body = process.env['BODY'] ?? '';

@Controller('v1/jobs')
class EchoController {
  @Get(':id')
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return body;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

if (import.meta.filename === process.argv[1]) await run();

/** A route that answers what it was given, behind the API's own HTTP server: its log line and security headers. It ends with the process that started it. */
async function run(): Promise<void> {
  const app = await createHttpApp(EchoModule, createLogger(loadConfig(), 'api'));
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => process.exit());
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
  process.send?.({ ready: true });
}
