import { Body, Controller, Get, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Service, ServiceResult } from '../../../job-types/contract/service.js';
import { modelNames } from '../../../job-types/fields/model-names.js';
import { CONFIG, type Config } from '../../config.js';
import { Folders } from '../../files/folders.js';
import { Budget } from '../../openapi/route-marks.js';
import { parsed } from '../../problems/validation.js';
import { BatchText, batchText } from './answer.js';
import { fieldsOf } from './fields.js';
import { ServiceFilter, answersAsService } from './filter.js';
import { TaskSchema, taskSchema } from './form.js';
import { ServiceRequest, inputOf } from './request.js';

/** A service whose work is so short that it is done within the request, and by no job. */
export interface DirectService<Input extends z.ZodType = z.ZodType> extends Service {
  /** Of its operations: "audioInspection". */
  name: string;
  title: string;
  description: string;
  input: Input;
  /** @throws {FolderRefused} and whatever else the request is refused with */
  answer(input: z.infer<Input>, folders: Folders): Promise<ServiceResult>;
}

/** The routes of a service that answers at once. */
export function directServiceController(service: DirectService) {
  const { rule, name, title, input } = service;
  const fields = fieldsOf(input, service.fields);
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;

  @ApiTags('compatible')
  @UseFilters(ServiceFilter)
  @Controller(rule.slice(1))
  class DirectServiceController {
    private readonly form: TaskSchema;

    constructor(
      private readonly folders: Folders,
      @Inject(CONFIG) config: Config,
    ) {
      this.form = taskSchema(fields, modelNames(config));
    }

    @Post()
    @HttpCode(200)
    @Budget('submit')
    @ApiOperation({ operationId: `run${id}`, summary: `${title}, as RescueBox does it at once` })
    @answersAsService({ status: 200, schema: BatchText }, [422])
    async run(@Body({ schema: ServiceRequest }) body: ServiceRequest): Promise<BatchText> {
      return batchText(await service.answer(parsed(input, inputOf(fields, body)), this.folders));
    }

    @Get('task_schema')
    @ApiOperation({ operationId: `describe${id}`, summary: 'What its form is built from' })
    @answersAsService({ status: 200, schema: TaskSchema }, [])
    schema(): TaskSchema {
      return this.form;
    }
  }
  return DirectServiceController;
}
