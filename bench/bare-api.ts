import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client, Connection } from '@temporalio/client';
import { sameStart } from './jobs.js';

interface Submitted {
  type: string;
  input: Record<string, unknown>;
}

const connection = Connection.lazy({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const client = new Client({ connection });

@Controller('v1/jobs')
class BareController {
  @Post()
  @HttpCode(202)
  async submit(@Body() { type, input }: Submitted): Promise<{ id: string }> {
    const workflowId = `bare-${randomUUID()}`;
    const taskQueue = process.env['TEMPORAL_TASK_QUEUE'] ?? '';
    await client.workflow.start(type, { ...sameStart(input), workflowId, taskQueue });
    return { id: workflowId };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

if (import.meta.filename === process.argv[1]) await run();

/** The least a NestJS API can do that starts a job: no check, no owner, no log. It ends with the process that started it. */
async function run(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), {
    logger: false,
  });
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => process.exit());
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
  process.send?.({ ready: true });
}
