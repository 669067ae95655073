import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { KeyId, Owner } from '../../auth/owner.js';
import { CancelRequest } from '../../cancel/cancel-request.js';
import { Canceller } from '../../cancel/canceller.js';
import { CONFIG, type Config } from '../../config.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { answerLimit } from '../../limits.js';
import { Budget } from '../../openapi/route-marks.js';
import { endedSoon } from '../../reading/in-time.js';
import { JobWatch } from '../../reading/job-watch.js';
import { checkedRequest, inASentence } from '../checked.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { requiredText } from '../lenient.js';
import { type StartType, startType } from './start-type.js';
import { MythlineTasks } from './tasks.js';
import { StartedTask, TaskStatus, toTaskStatus, wordOf } from './task.js';

const TaskRequest = z.object({ data: requiredText }).meta({ id: 'PolledTaskRequest' });
type TaskRequest = z.output<typeof TaskRequest>;

const CancelledTask = TaskStatus.pick({ status: true }).meta({ id: 'CancelledTask' });
type CancelledTask = z.infer<typeof CancelledTask>;

/** Seconds that a cancel waits for its task to end. */
const cancelWait = 2;

/** Tasks that are started, polled and cancelled, as Mythline's pages do it. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api')
export class MythlineTasksController {
  private readonly starts: StartType;

  constructor(
    private readonly jobs: JobsService,
    private readonly tasks: MythlineTasks,
    private readonly canceller: Canceller,
    private readonly watch: JobWatch,
    @Inject(CONFIG) config: Config,
  ) {
    this.starts = startType(config.TASK_START_TYPE);
  }

  @Post('task/start')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({ operationId: 'startPolledTask', summary: 'Start a task of one text, as Mythline does' })
  @answersAsFastApi(StartedTask, [422])
  async start(
    @Body({ schema: TaskRequest }) { data }: TaskRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<StartedTask> {
    const { type, field, rest } = this.starts;
    try {
      const wanted = { type, input: { ...rest, [field]: data } };
      const { job } = await this.jobs.start(checkedRequest(wanted, { [field]: 'data' }), { owner, by });
      return { task_id: job.id };
    } catch (error) {
      throw inASentence(error);
    }
  }

  @Get('task/status/:id')
  @ApiOperation({ operationId: 'readPolledTask', summary: 'Read a task, as Mythline does' })
  @answersAsFastApi(TaskStatus, [404])
  async status(@Param('id') id: string, @Owner() owner: string): Promise<TaskStatus> {
    return toTaskStatus(await this.tasks.task(id, owner));
  }

  @Get('status/:id')
  @ApiOperation({ operationId: 'readPolledStatus', summary: 'The same at its other address' })
  @answersAsFastApi(TaskStatus, [404])
  statusAtOtherAddress(@Param('id') id: string, @Owner() owner: string): Promise<TaskStatus> {
    return this.status(id, owner);
  }

  @Delete('task/:id/cancel')
  @ApiOperation({ operationId: 'cancelPolledTask', summary: 'Cancel a task, as Mythline does' })
  @answersAsFastApi(CancelledTask, [404])
  async cancel(
    @Param('id') id: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<CancelledTask> {
    const task = await this.tasks.task(id, owner);
    const asked = await this.canceller.cancel(task.id, { owner, by, request: CancelRequest.parse({}) });
    return { status: wordOf(await endedSoon(asked, { watch: this.watch, owner, seconds: cancelWait })) };
  }
}
