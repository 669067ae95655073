import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Call } from '../../job-types/contract/call.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { pageFields, toPage } from '../openapi/numbered-page.js';
import { JobReader } from '../reading/job-reader.js';
import { JobId } from '../reading/job-route.js';

const CallsQuery = z.strictObject(pageFields);
type CallsQuery = z.infer<typeof CallsQuery>;

const CallList = z
  .object({ items: z.array(Call), nextPageToken: z.string().nullable() })
  .meta({ id: 'CallList' });
type CallList = z.infer<typeof CallList>;

@ApiTags('usage')
@Controller('v1/jobs')
export class CallsController {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  @Get(':id/calls')
  @ApiOperation({
    operationId: 'listJobCalls',
    summary: 'The calls of models that a job has made, newest last, with what each has cost',
  })
  @answers(200, CallList, [404, 422])
  async list(
    @Param('id', { schema: JobId }) id: string,
    @Owner() owner: string,
    @Query({ schema: CallsQuery }) { pageSize, pageToken }: CallsQuery,
  ): Promise<CallList> {
    await this.reader.read(id, owner);
    return toPage(await this.store.modelCalls.list(id, { after: pageToken, limit: pageSize + 1 }), pageSize);
  }
}
