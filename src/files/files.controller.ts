import {
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { create as disposition } from 'content-disposition';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { isFileId } from '../../job-types/contract/named-files.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers, problemResponse } from '../openapi/answers.js';
import { Budget } from '../openapi/route-marks.js';
import { Problem } from '../problems/problems.js';
import { rangeIn } from './byte-range.js';
import { FilesQuery, StoredFile, StoredFileList, UploadQuery } from './file-views.js';
import { Uploads } from './uploads.js';

const binary = { schema: { type: 'string', format: 'binary' } } as const;

/** Files that people upload, and that jobs make. */
@ApiTags('files')
@Controller('v1/files')
export class FilesController {
  constructor(
    private readonly store: Store,
    private readonly uploads: Uploads,
    private readonly shares: OwnerShares,
  ) {}

  @Post()
  @Budget('upload')
  @RouteConfig({ takesFile: true })
  @ApiOperation({ operationId: 'uploadFile', summary: 'Keep a file: the body itself, or one in a form' })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ required: true, schema: binary.schema })
  @answers(201, StoredFile, [413, 415, 422], { headers: ['Location'] })
  async upload(
    @Owner() owner: string,
    @Query({ schema: UploadQuery }) { name }: UploadQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoredFile> {
    const file = await this.uploads.take({ owner, name }, { request, reply });
    void reply.header('location', `/v1/files/${file.id}`);
    return file;
  }

  @Get()
  @ApiOperation({ summary: 'Your files, the newest first' })
  @answers(200, StoredFileList, [422])
  async list(
    @Owner() owner: string,
    @Query({ schema: FilesQuery }) { pageSize, pageToken, search }: FilesQuery,
  ): Promise<StoredFileList> {
    const asked = { owner, search, before: pageToken, limit: pageSize + 1 };
    const rows = await this.shares.through(owner, () => this.store.files.list(asked));
    const shown = rows.slice(0, pageSize);
    const next = rows.length > pageSize ? (shown.at(-1)?.token ?? null) : null;
    return { items: shown.map(({ file }) => file), nextPageToken: next };
  }

  @Get(':fileId')
  @ApiOperation({ operationId: 'downloadFile', summary: 'A file, or the part of it that Range asks for' })
  @ApiHeader({ name: 'Range', required: false, schema: { type: 'string' }, description: 'bytes=0-99' })
  @ApiHeader({ name: 'If-Range', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'The file', content: { '*/*': binary } })
  @ApiResponse({ status: 206, description: 'The part of it', content: { '*/*': binary } })
  @ApiResponse({ status: 404, ...problemResponse(404) })
  @ApiResponse({ status: 416, ...problemResponse(416) })
  async download(
    @Owner() owner: string,
    @Param('fileId') id: string,
    @Headers('range') asked: string | undefined,
    @Headers('if-range') unchanged: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const file = isFileId(id) ? await this.store.files.read(id, owner) : null;
    if (!file) throw notFound();
    const etag = `"${file.sha256}"`;
    const range = unchanged === undefined || unchanged === etag ? rangeIn(asked, file.size) : null;
    if (range === 'none') {
      const headers = { 'content-range': `bytes */${file.size}` };
      throw new Problem('range-not-satisfiable', `The file has ${file.size} bytes.`, { headers });
    }
    const { from, to } = range ?? { from: 0, to: file.size };
    void reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private' });
    if (range) {
      void reply.status(206).header('content-range', `bytes ${from}-${to - 1}/${file.size}`);
    }
    const bytes = request.method === 'HEAD' ? [] : this.store.files.bytes(id, { from, to });
    return new StreamableFile(Readable.from(bytes, { objectMode: false }), {
      type: file.mediaType,
      disposition: disposition(file.name),
      length: to - from,
    });
  }

  @Delete(':fileId')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'deleteFile',
    summary: 'Remove a file, from jobs too; the answer is what it was',
  })
  @answers(200, StoredFile, [404])
  async delete(@Owner() owner: string, @Param('fileId') id: string): Promise<StoredFile> {
    const file = isFileId(id) ? await this.store.files.delete(id, owner) : null;
    if (!file) throw notFound();
    return file;
  }
}

const notFound = () => new Problem('file-not-found', 'There is no such file.');
