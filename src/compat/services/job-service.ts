import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  type StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Job } from '../../../job-types/contract/job.js';
import type { JobType } from '../../../job-types/contract/job-type.js';
import type { Service, ServiceResult } from '../../../job-types/contract/service.js';
import { modelNames } from '../../../job-types/fields/model-names.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { CONFIG, type Config } from '../../config.js';
import { Store } from '../../database/store.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { answerLimit } from '../../limits.js';
import { Budget } from '../../openapi/route-marks.js';
import { JobReader } from '../../reading/job-reader.js';
import { checkedRequest, inASentence } from '../checked.js';
import { ownJob, whyFailed } from '../own-job.js';
import { type Polled, Polled as PolledSchema, Told, batchText, told } from './answer.js';
import { fieldsOf, hasTexts } from './fields.js';
import { ServiceFilter, answersAsService } from './filter.js';
import { TaskSchema, taskSchema } from './form.js';
import { ServiceRequest, inputOf } from './request.js';
import { wholeTexts } from './whole-texts.js';

/** The routes of a job type that is a service. @throws for one that cannot be */
export function jobServiceController(type: JobType, { rule, fields: names }: Service) {
  if (!hasTexts(type.result)) throw new Error(`${type.name} is a service, and its result has no texts.`);
  const fields = fieldsOf(type.input, names);
  const keys = Object.fromEntries(fields.map(({ name, key }) => [name, key]));
  const id = `${type.name[0]?.toUpperCase()}${type.name.slice(1)}`;

  @ApiTags('compatible')
  @UseFilters(ServiceFilter)
  @Controller(rule.slice(1))
  class JobServiceController {
    private readonly form: TaskSchema;

    constructor(
      private readonly jobs: JobsService,
      private readonly reader: JobReader,
      private readonly store: Store,
      @Inject(CONFIG) config: Config,
    ) {
      this.form = taskSchema(fields, modelNames(config));
    }

    @Post()
    @HttpCode(202)
    @Budget('submit')
    @RouteConfig({ ownBodyLimit: answerLimit })
    @ApiOperation({ operationId: `run${id}Service`, summary: `${type.title}, as RescueBox starts it` })
    @answersAsService({ status: 202, schema: Told }, [422])
    async run(
      @Body({ schema: ServiceRequest }) body: ServiceRequest,
      @Owner() owner: string,
      @KeyId() by: string | null,
    ): Promise<Told> {
      try {
        const request = checkedRequest({ type: type.name, input: inputOf(fields, body) }, keys);
        const { job } = await this.jobs.start(request, { owner, by });
        return told('task_id', job.id);
      } catch (error) {
        throw inASentence(error);
      }
    }

    @Get('result/:id')
    @ApiOperation({ operationId: `read${id}Service`, summary: `Poll it, as RescueBox does` })
    @answersAsService({ status: 200, schema: PolledSchema }, [404])
    async result(@Param('id') job: string, @Owner() owner: string): Promise<Polled | StreamableFile> {
      const found = await ownJob(this.reader, { id: job, owner });
      if (found?.type !== type.name) throw new NotFoundException('There is no task with this id here.');
      const { textsFile: file } = (found.result ?? {}) as Partial<ServiceResult>;
      if (file === undefined) return polled(found);
      const whole = await wholeTexts(this.store.files, { id: file, owner });
      return whole ?? told('error', 'Task failed: The file with its texts was removed.');
    }

    @Get('task_schema')
    @ApiOperation({ operationId: `describe${id}Service`, summary: 'What its form is built from' })
    @answersAsService({ status: 200, schema: TaskSchema }, [])
    schema(): TaskSchema {
      return this.form;
    }
  }
  return JobServiceController;
}

/** Its clients go on polling for as long as the title is "status", and stop at anything else. */
function polled(job: Job): Polled {
  if (!job.done) return told('status', 'Task status: PENDING');
  if (job.status === 'succeeded') return batchText(job.result as unknown as ServiceResult);
  return told('error', `Task failed: ${whyFailed(job)}`);
}
