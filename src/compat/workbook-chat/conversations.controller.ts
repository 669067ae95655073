import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpException,
  Param,
  Post,
  Query,
  UseFilters,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { operations } from '../../../job-types/fields/workbook/operations.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { Budget } from '../../openapi/route-marks.js';
import { takes } from '../../openapi/takes.js';
import { parsed } from '../../problems/validation.js';
import { knownForm, noChat } from './chat-id.js';
import { type Envelope, EnvelopeFilter, answersInEnvelope, envelope, refuseInEnvelope } from './envelope.js';
import { jsonIn } from './json-in.js';
import { WorkbookHistory } from './history.js';
import { type ChatCall, WorkbookPlans } from './plans.js';
import { NewChat } from './requests.js';
import { ChatCreated, History, Operations } from './views.js';

const HistoryQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(200)
    .meta({ description: 'Messages, the last ones' }),
});
type HistoryQuery = z.infer<typeof HistoryQuery>;

const welcome = 'Hello. Upload a workbook (.xlsx) or a CSV file, and say what is to be done with it.';

/** Conversations about workbooks, as Pycelize's pages open, read and delete them. */
@ApiTags('compatible')
@UseFilters(EnvelopeFilter)
@Controller('api/v1/chat/bot')
export class WorkbookConversationsController {
  constructor(
    private readonly store: Store,
    private readonly plans: WorkbookPlans,
    private readonly histories: WorkbookHistory,
  ) {}

  @Post('conversations')
  @HttpCode(201)
  @Budget('submit')
  @RouteConfig({ jsonOfAnyType: true, refuse: refuseInEnvelope })
  @ApiOperation({ operationId: 'openWorkbookChat', summary: 'Open a conversation, as Pycelize does' })
  @takes('WorkbookNewChat')
  @answersInEnvelope({ 201: ChatCreated }, [409])
  async create(@Body() body: unknown, @Owner() owner: string): Promise<Envelope> {
    const chat = parsed(NewChat, jsonIn(body))?.chat_id ?? randomUUID();
    const participant = `user_${chat.slice(0, 8)}`;
    const created = await this.store.workbookChats.create({ owner, chat, participant });
    if (!created) throw new HttpException(`There is a conversation ${chat} already.`, 409);
    const data: z.infer<typeof ChatCreated> = {
      chat_id: chat,
      participant_name: participant,
      status: 'created',
      bot_message: welcome,
      state: 'idle',
      created_at: created.created_at.toISOString(),
    };
    return envelope({ data, message: 'Conversation created', status: 201 });
  }

  @Get('conversations/:chat/history')
  @ApiOperation({ operationId: 'readWorkbookChat', summary: 'What was said and done, as Pycelize asks' })
  @answersInEnvelope({ 200: History }, [404])
  async history(
    @Param('chat', knownForm) chat: string,
    @Owner() owner: string,
    @Query({ schema: HistoryQuery }) { limit }: HistoryQuery,
  ): Promise<Envelope> {
    const found = await this.store.workbookChats.find({ owner, chat });
    if (!found) throw noChat();
    const data = await this.histories.of(found, limit);
    return envelope({ data, message: 'History', status: 200, total: data.messages.length });
  }

  @Delete('conversations/:chat')
  @ApiOperation({
    operationId: 'deleteWorkbookChat',
    summary: 'Delete a conversation and its files, and stop what runs, as Pycelize does',
  })
  @answersInEnvelope({ 200: z.object({ chat_id: z.string() }) }, [404])
  async remove(
    @Param('chat', knownForm) chat: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Envelope> {
    const key = { owner, chat };
    if (!(await this.store.workbookChats.find(key))) throw noChat();
    // The rows go last: whoever is told that it failed can ask again, and nothing is left that nobody knows of.
    const jobs = (await this.store.workbookRecords.jobs(key)).map((row) => row.job_id);
    await this.stopJobs({ ...key, by }, jobs);
    const made = await this.store.workbookRecords.files(key);
    await this.deleteFiles(
      owner,
      made.map(({ fileId }) => fileId),
    );
    const removed = await this.store.workbookChats.remove(key);
    if (removed) {
      // What came meanwhile.
      await this.stopJobs(
        { ...key, by },
        removed.jobs.filter((job) => !jobs.includes(job)),
      );
      await this.deleteFiles(owner, removed.files);
    }
    return envelope({ data: { chat_id: chat }, message: 'Conversation deleted', status: 200 });
  }

  private async stopJobs(call: ChatCall, jobs: readonly string[]): Promise<void> {
    for (const job of jobs) {
      await this.plans.cancelJob(call, { job, reason: 'The conversation was deleted.' });
    }
  }

  private async deleteFiles(owner: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.store.files.delete(id, owner);
  }

  @Get('operations')
  @ApiOperation({ operationId: 'listWorkbookOperations', summary: 'What a plan can do, by intent' })
  @answersInEnvelope({ 200: Operations }, [])
  operations(): Envelope {
    const all = Object.entries(operations).map(([operation, { intent, description, example, ...row }]) => {
      const schema = z.toJSONSchema(row.arguments, { io: 'input', unrepresentable: 'any' });
      return { intent, shown: { operation, description, example, arguments: schema } };
    });
    const byIntent = Map.groupBy(all, ({ intent }) => intent);
    const data = {
      operations: Object.fromEntries(
        [...byIntent].map(([intent, rows]) => [intent, rows.map(({ shown }) => shown)]),
      ),
      total_intents: byIntent.size,
    };
    return envelope({ data, message: 'Operations', status: 200, total: all.length });
  }
}
