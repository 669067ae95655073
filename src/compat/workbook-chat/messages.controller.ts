import { Body, Controller, HttpCode, HttpException, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { extensionOf } from '../../../store/file-name.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { Uploads } from '../../files/uploads.js';
import { Budget } from '../../openapi/route-marks.js';
import { takes } from '../../openapi/takes.js';
import { parsed } from '../../problems/validation.js';
import { knownForm, noChat } from './chat-id.js';
import { type Envelope, EnvelopeFilter, answersInEnvelope, envelope, refuseInEnvelope } from './envelope.js';
import { jsonIn } from './json-in.js';
import { WorkbookPlans } from './plans.js';
import { WorkbookReplies, declined, nothingToDecline, submitted } from './replies.js';
import { Confirmation, NewMessage } from './requests.js';
import { Declined, Said, Submitted, Uploaded, fileOf } from './views.js';

/** What can be opened, and what a person can do about what cannot. */
const readable = new Set(['xlsx', 'xlsm', 'csv', 'tsv', 'txt', 'json']);
const old =
  'An .xls file is of Excel before 2007, which is not read here. Open it in Excel or LibreOffice, save it as .xlsx, and upload that.';

/** What people say, upload and decide in a conversation about workbooks, as Pycelize's pages send it. */
@ApiTags('compatible')
@UseFilters(EnvelopeFilter)
@Controller('api/v1/chat/bot/conversations/:chat')
export class WorkbookMessagesController {
  constructor(
    private readonly store: Store,
    private readonly uploads: Uploads,
    private readonly plans: WorkbookPlans,
    private readonly replies: WorkbookReplies,
  ) {}

  @Post('message')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ jsonOfAnyType: true, refuse: refuseInEnvelope })
  @ApiOperation({ operationId: 'sayToWorkbookBot', summary: 'Say what is to be done, as Pycelize does' })
  @takes('WorkbookMessage')
  @answersInEnvelope({ 200: Said }, [404])
  async message(
    @Param('chat', knownForm) chat: string,
    @Body() body: unknown,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Envelope> {
    await this.known({ owner, chat });
    const { message } = parsed(NewMessage, jsonIn(body));
    const data = await this.replies.to({ owner, chat, by }, message);
    return envelope({ data, message: 'Message processed', status: 200 });
  }

  @Post('upload')
  @HttpCode(200)
  @Budget('upload')
  @RouteConfig({ takesFile: true, refuse: refuseInEnvelope })
  @ApiOperation({ operationId: 'uploadToWorkbookChat', summary: 'Upload a file, as Pycelize does' })
  @ApiConsumes('multipart/form-data')
  @answersInEnvelope({ 200: Uploaded }, [404, 413, 415])
  async upload(
    @Param('chat', knownForm) chat: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope> {
    await this.known({ owner, chat });
    const file = await this.uploads.take({ owner, name: undefined }, { request, reply });
    const ending = extensionOf(file.name);
    if (!readable.has(ending)) {
      await this.store.files.delete(file.id, owner);
      const why = ending === 'xls' ? old : 'Upload a workbook (.xlsx), a CSV (.csv) or a JSON file (.json).';
      throw new HttpException(why, 415);
    }
    const added = await this.store.workbookRecords.addFile(
      { owner, chat },
      { fileId: file.id, name: file.name },
    );
    if (added === null) throw noChat();
    const { name } = added;
    if (added.isRepeated) await this.store.files.delete(file.id, owner);
    const said = await this.replies.toUpload({ owner, chat, by }, added);
    const data: Uploaded = {
      ...fileOf(chat, name),
      filename: name,
      bot_response: said.bot_response,
      suggested_workflow: said.suggested_workflow,
      requires_confirmation: said.requires_confirmation,
    };
    return envelope({ data, message: 'File uploaded', status: 200 });
  }

  @Post('confirm')
  @HttpCode(202)
  @Budget('submit')
  @RouteConfig({ jsonOfAnyType: true, refuse: refuseInEnvelope })
  @ApiOperation({ operationId: 'confirmWorkbookPlan', summary: 'Run a plan or drop it, as Pycelize does' })
  @takes('WorkbookConfirmation')
  @answersInEnvelope({ 202: Submitted, 200: Declined }, [404])
  async confirm(
    @Param('chat', knownForm) chat: string,
    @Body() body: unknown,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope> {
    await this.known({ owner, chat });
    const { confirmed, modified_workflow: plan } = parsed(Confirmation, jsonIn(body));
    const call = { owner, chat, by };
    if (!confirmed) {
      const text = (await this.plans.decline(call)) ? declined : nothingToDecline;
      await this.store.workbookRecords.say(call, { kind: 'system', content: text });
      void reply.status(200);
      const data: Declined = { bot_response: text, output_files: [], results: [] };
      return envelope({ data, message: 'Workflow declined', status: 200 });
    }
    const job = await this.plans.confirm(call, plan ?? null);
    await this.store.workbookRecords.say(call, { kind: 'system', content: submitted, data: { job_id: job } });
    const message = 'Workflow submitted for background execution';
    const data: Submitted = { job_id: job, status: 'submitted', message, bot_response: submitted };
    return envelope({ data, message, status: 202 });
  }

  private async known(key: { owner: string; chat: string }): Promise<void> {
    if (!(await this.store.workbookChats.find(key))) throw noChat();
  }
}
