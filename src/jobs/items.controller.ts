import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { JobItem } from '../../job-types/contract/job-item.js';
import type { ListedItem } from '../../store/items.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { pageFields, toPage } from '../openapi/numbered-page.js';
import { JobReader } from '../reading/job-reader.js';
import { JobId } from '../reading/job-route.js';

const ItemsQuery = z.strictObject({
  ...pageFields,
  step: StorableText.min(1).max(100).optional().meta({ description: 'Only the items of this step' }),
  status: z
    .enum(['running', 'retrying', 'succeeded', 'failed'])
    .optional()
    .meta({ description: 'As the log of the job has it' }),
});
type ItemsQuery = z.infer<typeof ItemsQuery>;

const ItemList = z
  .object({ items: z.array(JobItem), nextPageToken: z.string().nullable() })
  .meta({ id: 'ItemList' });
type ItemList = z.infer<typeof ItemList>;

@ApiTags('jobs')
@Controller('v1/jobs')
export class ItemsController {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  @Get(':id/items')
  @ApiOperation({
    operationId: 'listJobItems',
    summary: 'What the steps of a job were done for, in the order in which it was begun',
  })
  @answers(200, ItemList, [404, 422])
  async list(
    @Param('id', { schema: JobId }) id: string,
    @Owner() owner: string,
    @Query({ schema: ItemsQuery }) { pageSize, pageToken, step, status }: ItemsQuery,
  ): Promise<ItemList> {
    const { done } = await this.reader.read(id, owner);
    const asked = { after: pageToken, limit: pageSize + 1, step, status };
    const { items, nextPageToken } = toPage(await this.store.items.list(id, asked), pageSize);
    return { items: items.map((item) => shown(item, done)), nextPageToken };
  }
}

/** Nothing of an ended job runs. */
function shown(listed: ListedItem, done: boolean): JobItem {
  const { id: _, ...item } = listed;
  const open = item.status === 'running' || item.status === 'retrying';
  return done && open ? { ...item, status: 'cancelled' } : item;
}
