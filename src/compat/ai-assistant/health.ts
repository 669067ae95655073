import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { answers } from '../../openapi/answers.js';
import { Open } from '../../openapi/route-marks.js';

const AssistantHealth = z
  .object({ status: z.literal('healthy'), service: z.string() })
  .meta({ id: 'AssistantHealth' });

/** What the AI assistant's callers look at before they send anything. */
@ApiTags('compatible')
@Open()
@Controller('health')
export class AssistantHealthController {
  @Get()
  @ApiOperation({
    operationId: 'checkAssistant',
    summary: 'Whether the process lives, as the AI assistant says it',
  })
  @answers(200, AssistantHealth, [])
  check(): z.infer<typeof AssistantHealth> {
    return { status: 'healthy', service: 'ai-assistant' };
  }
}
