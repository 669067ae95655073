import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  Param,
  Put,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OwnerShares } from '../auth/owner-shares.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answerLimit } from '../limits.js';
import { answers, problemResponse } from '../openapi/answers.js';
import { toPage } from '../openapi/numbered-page.js';
import { Problem } from '../problems/problems.js';
import {
  Document,
  DocumentEdit,
  DocumentId,
  DocumentList,
  DocumentsQuery,
  FileQuery,
} from './document-views.js';
import { VersionQuery, VersionsQuery, etagOf, ifMatchHeader, toVersionPage, versionIn } from './versions.js';
import { fileName, formatNamed, formats } from './files/formats.js';
import { LayoutTooCostly } from './files/lay-out.js';

const fileContent = Object.fromEntries(
  Object.values(formats).map(({ mediaType }) => [
    mediaType,
    { schema: { type: 'string', format: 'binary' } },
  ]),
);

/** What jobs have written for people, by application and kind, with every version of it. */
@ApiTags('library')
@Controller('v1/documents')
export class DocumentsController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The latest version of each document, the newest document first' })
  @answers(200, DocumentList, [422])
  async list(
    @Owner() owner: string,
    @Query({ schema: DocumentsQuery }) { pageSize, pageToken, ...filter }: DocumentsQuery,
  ): Promise<DocumentList> {
    const asked = { ...filter, owner, before: pageToken, limit: pageSize + 1 };
    const documents = await this.shares.through(owner, () => this.store.documents.list(asked));
    return toPage(documents, pageSize);
  }

  @Get(':documentId')
  @ApiOperation({ summary: 'A document, in its latest version or another one' })
  @answers(200, Document, [404, 422], { headers: ['ETag'] })
  async read(
    @Owner() owner: string,
    @Param('documentId', { schema: DocumentId }) id: string,
    @Query({ schema: VersionQuery }) { version }: VersionQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Document> {
    const document = await this.find(owner, { id, version });
    void reply.header('etag', etagOf(document.version));
    return document;
  }

  @Get(':documentId/versions')
  @ApiOperation({
    operationId: 'listDocumentVersions',
    summary: 'The versions of a document, the latest first',
  })
  @answers(200, DocumentList, [404, 422])
  async versions(
    @Owner() owner: string,
    @Param('documentId', { schema: DocumentId }) id: string,
    @Query({ schema: VersionsQuery }) { pageSize, pageToken }: VersionsQuery,
  ): Promise<DocumentList> {
    const asked = { id, owner, before: pageToken, limit: pageSize + 1 };
    const rows = await this.shares.through(owner, () => this.store.documents.versions(asked));
    if (rows.length === 0 && pageToken === undefined) throw notFound();
    return toVersionPage(rows, pageSize);
  }

  @Get(':documentId/file')
  @ApiOperation({
    operationId: 'downloadDocument',
    summary: 'A document as a file: Markdown, Word (docx) or PDF',
  })
  @ApiResponse({ status: 200, description: 'The file', content: fileContent })
  @ApiResponse({ status: 404, ...problemResponse(404) })
  @ApiResponse({ status: 422, ...problemResponse(422) })
  async file(
    @Owner() owner: string,
    @Param('documentId', { schema: DocumentId }) id: string,
    @Query({ schema: FileQuery }) { version, format }: FileQuery,
  ): Promise<StreamableFile> {
    const document = await this.find(owner, { id, version });
    const made = formatNamed(format);
    const { mediaType, charset, most } = made;
    if (document.markdown.length > most) {
      const detail = `The document has ${document.markdown.length} characters; a ${format} file is made of ${most} at most.`;
      throw new Problem('document-too-long', detail);
    }
    const bytes = await this.shares
      .through(owner, () => made.make(document.markdown, document))
      .catch(asProblem);
    const type = charset === undefined ? mediaType : `${mediaType}; charset=${charset}`;
    const disposition = `attachment; filename="${fileName(document, format)}"`;
    return new StreamableFile(bytes, { type, disposition, length: bytes.length });
  }

  @Put(':documentId')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'editDocument',
    summary: 'Save a text of your own as the next version; the earlier ones stay',
  })
  @ApiHeader(ifMatchHeader)
  @answers(200, Document, [404, 412, 422], { headers: ['ETag'] })
  async edit(
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Param('documentId', { schema: DocumentId }) id: string,
    @Body({ schema: DocumentEdit }) edit: DocumentEdit,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Document> {
    const saved = await this.store.documents.edit({ id, owner, by, basedOn: versionIn(match), ...edit });
    if (saved === null) throw notFound();
    if ('stale' in saved) throw changed(saved.stale);
    return this.read(owner, id, saved, reply);
  }

  @Delete(':documentId')
  @ApiOperation({
    operationId: 'deleteDocument',
    summary: 'Delete a document in all its versions; the answer is what it was',
  })
  @ApiHeader(ifMatchHeader)
  @answers(200, Document, [404, 412, 422])
  async remove(
    @Owner() owner: string,
    @Param('documentId', { schema: DocumentId }) id: string,
    @Headers('if-match') match: string | undefined,
  ): Promise<Document> {
    const document = await this.find(owner, { id });
    const removed = await this.store.documents.remove({ id, owner, basedOn: versionIn(match) });
    if (removed === false) throw notFound();
    if (removed !== true) throw changed(removed.stale);
    return document;
  }

  private async find(owner: string, asked: { id: string; version?: number | undefined }): Promise<Document> {
    const document = await this.store.documents.read({ ...asked, owner });
    if (!document) throw notFound();
    return document;
  }
}

function asProblem(error: unknown): never {
  if (!(error instanceof LayoutTooCostly)) throw error;
  const detail = 'The document takes more time or memory to lay out than there is for one.';
  throw new Problem('document-too-long', detail, { cause: error });
}

const changed = (latest: number) =>
  new Problem('document-changed', `The document has version ${latest} by now.`);

const notFound = () =>
  new Problem('document-not-found', 'There is no such document, or no such version of it.');
