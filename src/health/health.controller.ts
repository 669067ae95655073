import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Open } from '../openapi/route-marks.js';
import { answers } from '../openapi/answers.js';
import { Readiness, ReadinessView } from './readiness.js';

const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

@ApiTags('operations')
@Open()
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('healthz')
  @ApiOperation({ operationId: 'checkHealth', summary: 'Whether the process lives' })
  @answers(200, Health, [])
  health(): z.infer<typeof Health> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ operationId: 'checkReadiness', summary: 'Whether jobs can be submitted and read' })
  @answers([200, 503], ReadinessView, [])
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessView> {
    const view = await this.readiness.check();
    if (!view.ready) void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('retry-after', '2');
    return view;
  }
}
