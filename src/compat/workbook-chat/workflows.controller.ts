import { Controller, Get, NotFoundException, Param, Res, StreamableFile, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { create as disposition } from 'content-disposition';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { JobReader } from '../../reading/job-reader.js';
import { ownJob } from '../own-job.js';
import { knownForm } from './chat-id.js';
import { type Envelope, EnvelopeFilter, answersInEnvelope, envelope } from './envelope.js';
import { toStatus } from './progress.js';
import { WorkflowStatus } from './views.js';

/** How plans over workbooks go and what they make, as Pycelize's pages ask. */
@ApiTags('compatible')
@UseFilters(EnvelopeFilter)
@Controller('api/v1/chat')
export class WorkbookWorkflowsController {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  @Get('bot/conversations/:chat/workflow/status/:id')
  @ApiOperation({ operationId: 'readWorkbookJob', summary: 'How a plan goes, as Pycelize asks' })
  @answersInEnvelope({ 200: WorkflowStatus }, [404])
  async status(
    @Param('chat', knownForm) chat: string,
    @Param('id') id: string,
    @Owner() owner: string,
  ): Promise<Envelope> {
    const row = isStorable(id) && (await this.store.workbookRecords.job({ owner, chat }, id));
    const job = row && (await ownJob(this.reader, { id, owner }));
    if (!row || !job) throw new NotFoundException('Job not found');
    return envelope({ data: toStatus(job, row), message: 'Job status retrieved successfully', status: 200 });
  }

  @Get('workflows/:chat/files/:name')
  @ApiOperation({ operationId: 'downloadWorkbookFile', summary: 'A file of a conversation' })
  @ApiResponse({
    status: 200,
    description: 'The file',
    content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
  })
  @answersInEnvelope({}, [404])
  async download(
    @Param('chat', knownForm) chat: string,
    @Param('name') name: string,
    @Owner() owner: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const files = await this.store.workbookRecords.files({ owner, chat });
    const found = files.findLast((one) => one.name === name);
    const file = found && (await this.store.files.read(found.fileId, owner));
    if (!file) throw new NotFoundException('File not found');
    void reply.header('cache-control', 'private');
    const bytes = this.store.files.bytes(file.id, { from: 0, to: file.size });
    return new StreamableFile(Readable.from(bytes, { objectMode: false }), {
      type: file.mediaType,
      disposition: disposition(name),
      length: file.size,
    });
  }
}

/** No database has anything under a name with NUL, or with half a character. */
const isStorable = (id: string): boolean => id.isWellFormed() && !id.includes('\0');
