import 'reflect-metadata';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

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

/** A route of the framework and nothing else, which answers what it was given. It ends with the process that started it. */
async function run(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(EchoModule, new FastifyAdapter(), {
    logger: false,
  });
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => process.exit());
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
  process.send?.({ ready: true });
}
