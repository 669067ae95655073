import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Call } from '../../job-types/contract/call.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { JobReader } from '../reading/job-reader.js';
import { JobId } from '../reading/job-route.js';

const CallsQuery = z.strictObject({
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z
    .string()
    .regex(/^[1-9][0-9]{0,17}$/, 'not a token this list gave out')
    .optional()
    .meta({ description: 'nextPageToken of the page before' }),
});
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
    const calls = await this.store.modelCalls.list(id, { after: pageToken, limit: pageSize + 1 });
    const items = calls.slice(0, pageSize);
    return { items, nextPageToken: calls.length > pageSize ? (items.at(-1)?.id ?? null) : null };
  }
}
