import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { usageGroups } from '../../store/usage.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { badPageToken, openPageToken, sealPageToken } from '../jobs/page-token.js';
import { beforeTo, beginsBeforeEnd, spanFields, spanIn } from './usage-span.js';

const UsageQuery = z
  .strictObject({
    by: z
      .enum(usageGroups)
      .default('day')
      .meta({ description: 'day: of UTC; tag: a job with several tags counts under each' }),
    ...spanFields,
    pageSize: z.coerce.number().int().min(1).max(1_000).default(200),
    pageToken: z
      .string()
      .max(4096)
      .regex(/^[A-Za-z0-9_-]+$/)
      .optional()
      .meta({ description: 'nextPageToken of the page before, with the same query' }),
  })
  .refine(beginsBeforeEnd, beforeTo);
type UsageQuery = z.infer<typeof UsageQuery>;

const UsageTotal = z
  .object({
    key: z.string().nullable().meta({ description: 'The day, model, type or tag; null: without a tag' }),
    calls: z.int(),
    inputTokens: z.int(),
    cachedInputTokens: z.int(),
    outputTokens: z.int(),
    reasoningTokens: z.int(),
    costUsd: z.number().meta({ description: 'Of the calls whose price is known' }),
    wastedUsd: z.number().meta({ description: 'Of that, what was paid for and not used' }),
    savedUsd: z.number().meta({ description: 'What answers that were used again cost before' }),
    unpricedCalls: z.int().meta({ description: 'Calls whose price is not known' }),
    estimated: z.boolean().meta({ description: 'Some of it is counted by us' }),
  })
  .meta({ id: 'UsageTotal' });

const UsageTotals = z
  .object({
    by: z.enum(usageGroups),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    items: z.array(UsageTotal),
    nextPageToken: z.string().nullable(),
  })
  .meta({ id: 'UsageTotals' });
type UsageTotals = z.infer<typeof UsageTotals>;

@ApiTags('usage')
@Controller('v1/usage')
export class UsageController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'readUsage',
    summary: 'What the calls of models have cost, by day, model, job type or tag',
  })
  @answers(200, UsageTotals, [422])
  async read(@Owner() owner: string, @Query({ schema: UsageQuery }) query: UsageQuery): Promise<UsageTotals> {
    const { by, pageSize, pageToken } = query;
    const after = pageToken === undefined ? null : readPlace(pageToken, by);
    // The pages of one list are about the same time.
    const { from, to } = spanIn({ from: query.from, to: after?.to ?? query.to });
    const asked = { owner, by, from, to, after: after?.key ?? null, limit: pageSize + 1 };
    const totals = await this.shares.through(owner, () => this.store.totals.totals(asked));
    const items = totals.slice(0, pageSize);
    const last = totals.length > pageSize ? items.at(-1) : undefined;
    return {
      by,
      from,
      to,
      items: items.map((total) => ({ ...total, key: total.key || null })),
      nextPageToken: last ? writePlace({ to, key: last.key }, by) : null,
    };
  }
}

/** Where a page ends: the end of the time it is about, and its last key. */
const Place = z.strictObject({ to: z.iso.datetime(), key: z.string() });
type Place = z.infer<typeof Place>;

const writePlace = (place: Place, by: string): string =>
  sealPageToken(Buffer.from(JSON.stringify(place)), by);

/** @throws {Problem} validation-failed, for what is no token of this list */
function readPlace(token: string, by: string): Place {
  try {
    return Place.parse(JSON.parse(openPageToken(token, by).toString()));
  } catch (error) {
    throw badPageToken(error);
  }
}
