import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeBytes } from '../../store/file-writing.js';
import { FileGone, type StoredFile } from '../../store/files.js';
import { type UnclaimedFiles, UnclaimedFull } from '../../store/unclaimed-files.js';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';
import { claimedType } from './file-body.js';
import { fileName } from '../../store/file-name.js';
import { type Incoming, incoming } from './incoming.js';
import { isXml, zip } from './media-types.js';
import { fileInForm, formBytes } from './parts-of-form.js';
import { signatureOf, typeOf } from './type-of.js';
import { refuseEntities } from './xml-check.js';
import { checkedZip } from './zip-check.js';

/** Uploads under way: of one owner, and in a process. Each holds less than 1 MB. */
const atOnce = { owner: 8, process: 32 };

interface Upload {
  owner: string;
  /** Of the query; a form has one of its own. */
  name: string | undefined;
}

/** The file that an upload makes. */
interface Begun {
  id: string;
  owner: string;
}

interface Body {
  body: Incoming;
  type: string;
  isForm: boolean;
  /** Bytes of the file. */
  largest: number;
}

/** What has come, and who says what of it. */
interface Source {
  bytes: AsyncIterable<Uint8Array>;
  name: string | undefined;
  type: string;
  ended: Promise<void>;
}

/** Takes files in, as they come. One that is refused, or whose client goes away, leaves nothing. */
@Injectable()
export class Uploads {
  private readonly underWay = new Map<string, number>();
  private readonly logger = new Logger('files');

  constructor(
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws {Problem} and nothing was kept */
  async take(upload: Upload, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) {
    const { MAX_FILE_BYTES: largest, UPLOAD_STALL: stall, UPLOAD_LEAST_RATE: leastRate } = this.config;
    const isForm = /^multipart\/form-data\s*(;|$)/i.test(claimedType(request));
    const mostBytes = largest + (isForm ? formBytes : 0);
    const tooLarge = () =>
      new Problem('file-too-large', `The file has more than ${largest} bytes, which is the most.`);
    if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
    const leave = this.enter(upload.owner);
    const file = { id: `file_${randomUUID()}`, owner: upload.owner };
    try {
      await this.begin(file);
      // A large upload often waits to hear that it is wanted.
      if (request.raw.headers.expect !== undefined) {
        reply.raw.writeContinue();
        delete request.raw.headers.expect;
      }
      const body = incoming(request.raw, { mostBytes, stallMs: stall * 1000, leastRate, tooLarge });
      return await this.keep(file, { name: upload.name, body, type: claimedType(request), isForm, largest });
    } finally {
      leave();
    }
  }

  private async keep(
    file: Begun,
    { name, body, type, isForm, largest }: Pick<Upload, 'name'> & Body,
  ): Promise<StoredFile> {
    const { id } = file;
    const { files } = this.store;
    try {
      const source: Source = isForm
        ? await fileInForm(body.bytes, type)
        : { bytes: body.bytes, name, type, ended: Promise.resolve() };
      const written = await writeBytes(files, { id, source: limited(source.bytes, largest) });
      await source.ended;
      if (written.size === 0) throw new Problem('file-missing', 'The file is empty.');
      const claim = { type: source.type, name: fileName(source.name) };
      const mediaType = await this.checkedType(claim, { id, ...written });
      return await files.finish({ ...file, most: this.most, name: claim.name, mediaType, ...written });
    } catch (error) {
      body.leave();
      await this.discard(id);
      if (error instanceof FileGone) throw new Problem('request-timed-out', 'The upload took too long.');
      throw this.refusal(error);
    }
  }

  private async checkedType(
    claim: { type: string; name: string },
    { id, size, head }: { id: string; size: number; head: Buffer },
  ): Promise<string> {
    const bytes = (range: { from: number; to: number }) => this.store.files.bytes(id, range);
    const signature = await signatureOf(head);
    const found = signature === zip ? await checkedZip({ size, bytes }) : signature;
    const type = typeOf(claim, { found, head });
    if (isXml(type) || (found !== null && isXml(found))) await refuseEntities(bytes({ from: 0, to: size }));
    return type;
  }

  /** Uploads that are under way count as files, and their bytes once they are there. @throws {Problem} unclaimed-files-full */
  private async begin(file: Begun): Promise<void> {
    try {
      await this.store.files.begin({ ...file, most: this.most });
    } catch (error) {
      throw this.refusal(error);
    }
  }

  private get most(): UnclaimedFiles {
    return { files: this.config.MAX_UNCLAIMED_FILES, bytes: this.config.MAX_UNCLAIMED_BYTES };
  }

  /** What is thrown instead of it. */
  private refusal(error: unknown): unknown {
    if (!(error instanceof UnclaimedFull)) return error;
    const { files, bytes } = error.has;
    const most = bytes < this.most.bytes ? String(this.most.files) : `${this.most.bytes} bytes`;
    const detail = `You have ${files} files of ${bytes} bytes that no job was given; ${most} are kept at most.`;
    return new Problem('unclaimed-files-full', detail, { cause: error });
  }

  /** What is left where this fails, the sweep removes. */
  private async discard(id: string): Promise<void> {
    for (const again of [true, false]) {
      try {
        await this.store.files.discard(id);
        return;
      } catch (error) {
        if (!again) this.logger.warn(`what is left of an upload goes in an hour: ${String(error)}`);
        else await pause(200);
      }
    }
  }

  /** @returns what to call at the end @throws {Problem} rate-limited */
  private enter(owner: string): () => void {
    const count = (one: string) => this.underWay.get(one) ?? 0;
    const all = [...this.underWay.values()].reduce((sum, one) => sum + one, 0);
    if (count(owner) >= atOnce.owner || all >= atOnce.process) {
      const detail = `${atOnce.owner} uploads of yours are under way, or ${atOnce.process} in all.`;
      throw new Problem('rate-limited', detail, { retryAfter: 2 });
    }
    this.underWay.set(owner, count(owner) + 1);
    return () => {
      if (count(owner) <= 1) this.underWay.delete(owner);
      else this.underWay.set(owner, count(owner) - 1);
    };
  }
}

/** A form may be a little longer than a file. @throws {Problem} file-too-large */
async function* limited(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > most) {
      throw new Problem('file-too-large', `The file has more than ${most} bytes, which is the most.`);
    }
    yield piece;
  }
}
