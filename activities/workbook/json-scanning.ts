import { createReadStream } from 'node:fs';
import { StepFailure } from '../frame/step-failure.js';
import type { TableFile } from './operation.js';
import type { Reading } from './reading.js';

/** Of one record, or of all that is no record: its characters, and how deep it is nested. */
const most = { length: 1_000_000, depth: 100 };

/** What a file of JSON holds that is no part of a record. */
export interface Around {
  /** The JSON of the file, with empty lists in the place of those that records are in. */
  skeleton: string;
}

/** The texts of the parts of a list, many at once. The list is the whole of a file, or stands in an object by its name. */
export async function* partsOfLists(
  file: TableFile,
  { reading, around }: { reading: Reading; around?: Around },
): AsyncGenerator<string[]> {
  const scanner = new Scanner(file);
  const decoder = new TextDecoder('utf-8');
  for await (const piece of createReadStream(file.path) as AsyncIterable<Buffer>) {
    reading.signal.throwIfAborted();
    reading.read?.(piece.length);
    yield scanner.push(decoder.decode(piece, { stream: true }));
  }
  yield scanner.push(decoder.decode());
  scanner.end();
  if (around) around.skeleton = scanner.skeleton;
}

/** Finds where parts of lists begin and end, without building anything of them. */
class Scanner {
  skeleton = '';
  private part = '';
  private depth = 0;
  /** Of the list that is open; 0 without one. */
  private listDepth = 0;
  private isText = false;
  private isEscaped = false;
  private isObject = false;
  private hasParts = false;

  constructor(private readonly file: TableFile) {}

  /** @returns the parts that have ended */
  push(text: string): string[] {
    const ended: string[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.isText) {
        if (this.isEscaped) this.isEscaped = false;
        else if (code === 0x5c) this.isEscaped = true;
        else if (code === 0x22) this.isText = false;
        continue;
      }
      if (code === 0x22) this.isText = true;
      else if (code === 0x7b || code === 0x5b) {
        this.depth += 1;
        if (this.depth > most.depth) throw this.tooMuch(`is nested deeper than ${most.depth}`);
        if (this.depth === 1) this.isObject = code === 0x7b;
        if (code !== 0x5b || this.listDepth > 0 || this.depth !== (this.isObject ? 2 : 1)) continue;
        this.keep(text.slice(from, at + 1));
        this.listDepth = this.depth;
        this.hasParts = false;
        from = at + 1;
      } else if (code === 0x7d || code === 0x5d) {
        if (this.listDepth > 0 && this.depth === this.listDepth) {
          this.keep(text.slice(from, at));
          if (this.hasParts || this.part.trim() !== '') ended.push(this.taken());
          this.part = '';
          this.listDepth = 0;
          from = at;
        }
        this.depth -= 1;
      } else if (code === 0x2c && this.listDepth > 0 && this.depth === this.listDepth) {
        this.keep(text.slice(from, at));
        ended.push(this.taken());
        this.hasParts = true;
        from = at + 1;
      }
    }
    this.keep(text.slice(from));
    return ended;
  }

  end(): void {
    if (this.depth !== 0 || this.isText) throw noJson(this.file);
  }

  private keep(text: string): void {
    if (this.listDepth > 0) this.part += text;
    else this.skeleton += text;
    if (this.part.length <= most.length && this.skeleton.length <= most.length) return;
    throw this.tooMuch(`has a record of more than ${most.length} characters`);
  }

  private taken(): string {
    const { part } = this;
    this.part = '';
    return part;
  }

  private tooMuch(what: string): StepFailure {
    return new StepFailure('file-beyond-limit', `The file "${this.file.name}" is JSON that ${what}.`);
  }
}

export const noJson = ({ name }: TableFile, cause?: unknown): StepFailure =>
  new StepFailure('workbook-damaged', `The file "${name}" is no JSON.`, { cause });
