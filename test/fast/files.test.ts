import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { FileRef, fileFinder } from '../../job-types/contract/file-ref.js';
import { rangeIn } from '../../src/files/byte-range.js';
import { extensionOf, fileName } from '../../store/file-name.js';
import { fileInForm } from '../../src/files/parts-of-form.js';
import { signatureOf, typeOf } from '../../src/files/type-of.js';
import { refuseEntities } from '../../src/files/xml-check.js';
import { checkedZip } from '../../src/files/zip-check.js';
import { hostileNames, isHarmless } from '../harness/hostile-names.js';
import { zipOf } from '../harness/zip-of.js';

const id = (digit: string) => `file_${digit.repeat(8)}-0000-4000-8000-000000000000`;

describe('the files that an input names', () => {
  const schema = z.strictObject({
    one: FileRef,
    many: z.array(z.strictObject({ file: FileRef.optional(), text: z.string() })),
    named: z.record(z.string(), z.union([z.string(), FileRef])),
    pair: z.tuple([z.string(), FileRef]),
    prompt: z.string(),
  });

  it('are found wherever the schema has one, and nowhere else', () => {
    const value = {
      one: id('1'),
      many: [{ text: id('9') }, { file: id('2'), text: '' }],
      named: { a: id('3'), b: 'plain' },
      pair: [id('9'), id('4')],
      prompt: id('9'),
    };
    expect(fileFinder(schema)(value)).toEqual([
      { id: id('1'), path: ['one'] },
      { id: id('2'), path: ['many', 1, 'file'] },
      { id: id('3'), path: ['named', 'a'] },
      { id: id('4'), path: ['pair', 1] },
    ]);
  });
});

describe('the name of a file', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\a\\b.xlsx', 'b.xlsx'],
    ['..', 'file'],
    ['/', 'file'],
    ['.bashrc', 'bashrc'],
    ['a\r\nX-Evil: 1.csv', 'aX-Evil_ 1.csv'],
    ['a\0.csv', 'a.csv'],
    ['\u202Ecod.exe', 'cod.exe'],
    ['naïve – 表.csv', 'naïve – 表.csv'],
    [undefined, 'file'],
    ['..%2f..%2fa', '%2f..%2fa'],
  ])('%j is shown as %j', (given, shown) => {
    expect(fileName(given)).toBe(shown);
  });

  it.each(hostileNames)('%j is harmless as %j', (given, shown) => {
    expect(fileName(given)).toBe(shown);
    expect(fileName(shown)).toBe(shown);
    expect(isHarmless(shown)).toBe(true);
  });

  it('keeps its ending when it is cut', () => {
    const name = fileName(`${'😀'.repeat(500)}.XLSX`);
    expect(name.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
    expect(extensionOf(name)).toBe('xlsx');
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-9', { from: 0, to: 10 }],
    ['bytes=90-', { from: 90, to: 100 }],
    ['bytes=-5', { from: 95, to: 100 }],
    ['bytes=-500', { from: 0, to: 100 }],
    ['bytes=50-5000', { from: 50, to: 100 }],
    ['bytes=100-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=9-0', null],
    ['bytes=0-1,4-5', null],
    ['items=0-1', null],
    ['bytes=-', null],
    [undefined, null],
  ])('%j of 100 bytes is %j', (header, range) => {
    expect(rangeIn(header, 100)).toEqual(range);
  });
});

const wav = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt '), Buffer.alloc(5000)]);
const pdf = Buffer.from('%PDF-1.7\n%âãÏÓ\n');

describe('the type of a file', () => {
  const type = async (head: Buffer, claim: { type?: string; name?: string }) =>
    typeOf({ type: '', name: '', ...claim }, { found: await signatureOf(head), head });

  it('is what its content says, in the words of the client', async () => {
    expect(await type(wav, {})).toMatch(/^audio\//);
    expect(await type(wav, { type: 'audio/x-wav' })).toMatch(/^audio\//);
    expect(await type(Buffer.from('a,b\n'), { name: 'a.csv' })).toBe('text/csv');
    expect(await type(Buffer.from('a,b\n'), { name: 'a.csv', type: 'application/vnd.ms-excel' })).toBe(
      'text/csv',
    );
    expect(await type(Buffer.from('hello'), {})).toBe('text/plain');
    expect(await type(Buffer.from([1, 0, 2, 0]), {})).toBe('application/octet-stream');
    expect(await type(Buffer.from('{}'), { type: 'application/json; charset=utf-8' })).toBe(
      'application/json',
    );
    expect(await type(Buffer.from('x'), { type: 'no type\r\nat all' })).toBe('text/plain');
  });

  it.each(
    [
      'BMI,age',
      'MZ,age',
      'GIF,a',
      'BZh,a',
      'FWS,a',
      'CWS,a',
      '8BPS,a',
      'solid a',
      'LZIP,a',
      'MThd,a',
      '%!,a',
    ].flatMap((words) => [
      [words, Buffer.from(`${words}\n1,é\n`, 'latin1')] as const,
      [`${words} in UTF-8`, Buffer.from(`\uFEFF${words}\n1,表\n`)] as const,
      [`${words} in UTF-16`, Buffer.from(`\uFEFF${words}\n1,表\n`, 'utf16le')] as const,
    ]),
  )('of a table that begins with %s is what its name says', async (_, head) => {
    expect(await type(head, { name: 'a.csv' })).toBe('text/csv');
  });

  it('has no codec in it', async () => {
    const opus = Buffer.alloc(200);
    opus.write('OggS', 0);
    opus.write('OpusHead', 28);
    expect(await type(opus, { name: 'a.ogg' })).toBe('audio/ogg');
    expect(await type(opus, { type: 'audio/ogg; codecs=opus' })).toBe('audio/ogg');
  });

  const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  const macros = 'application/vnd.ms-excel.sheet.macroEnabled.12';
  const old = 'application/vnd.ms-excel';
  const [sheet, ole] = [Buffer.from('PK\x03\x04'), Buffer.from('d0cf11e0a1b11ae1', 'hex')];
  const called = (found: string, head: Buffer, claim: { type?: string; name?: string }) =>
    typeOf({ type: '', name: '', ...claim }, { found, head });

  it.each([
    [workbook, { type: workbook, name: 'a.xlsx' }, workbook],
    [workbook, { type: old, name: 'a.xlsx' }, workbook],
    [workbook, { type: 'application/zip', name: 'a.xlsx' }, workbook],
    [workbook, { type: 'application/x-zip-compressed', name: 'a.xlsx' }, workbook],
    [workbook, { type: '', name: 'a.xlsm' }, macros.toLowerCase()],
    [workbook, { type: macros, name: 'a.xlsm' }, macros.toLowerCase()],
    [workbook, { type: workbook, name: 'a.xlsm' }, workbook],
  ])('of a workbook is what it is: %s called %j', (found, claim, kept) => {
    expect(called(found, sheet, claim)).toBe(kept);
  });

  it('of a workbook with a password is taken, so that a step can say so', async () => {
    expect(called((await signatureOf(ole)) ?? '', ole, { type: workbook, name: 'a.xlsx' })).toBe(
      'application/x-cfb',
    );
    expect(await type(ole, { type: old, name: 'a.xls' })).toBe('application/x-cfb');
  });

  it.each(['a.csv', 'a.tsv', 'a.txt'])('of %s is its own where a browser thinks of Excel', async (name) => {
    expect(await type(Buffer.from('a\tb\n'), { type: old, name })).toMatch(/^text\//);
  });

  it.each([
    ['an archive that is said to be a workbook', 'application/zip', workbook],
    ['an archive that is said to be one of before 2007', 'application/zip', old],
    ['an archive that is said to be one with macros', 'application/zip', macros],
    ['a workbook that is said to be a CSV', workbook, 'text/csv'],
    ['a workbook that is said to be a document', workbook, 'application/msword'],
    ['a document that is said to be a workbook', 'application/pdf', old],
  ])('%s is refused', (_, found, claimed) => {
    expect(() => called(found, sheet, { type: claimed, name: 'a' })).toThrow(
      expect.objectContaining({ code: 'file-type-wrong' }),
    );
  });

  it.each([
    ['a PDF that is said to be a sound', pdf, 'audio/mpeg'],
    ['a text that is said to be a PDF', Buffer.from('hello'), 'application/pdf'],
    ['bytes that are said to be a CSV', Buffer.from([1, 0, 2]), 'text/csv'],
    ['a sound that is said to be a text', wav, 'text/plain'],
  ])('%s is refused', async (_, head, claimed) => {
    await expect(type(head, { type: claimed })).rejects.toMatchObject({ code: 'file-type-wrong' });
  });
});

describe('XML', () => {
  const bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>';
  const pieces = async function* (bytes: Buffer, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

  it.each([
    ['in UTF-8', Buffer.from(bomb), 1000],
    ['in UTF-16', Buffer.from(bomb, 'utf16le'), 1000],
    ['cut into pieces of 7 bytes', Buffer.from(bomb), 7],
  ])('that declares entities is refused %s', async (_, bytes, size) => {
    await expect(refuseEntities(pieces(bytes, size))).rejects.toMatchObject({ code: 'file-unsafe' });
  });

  it('without any is taken', async () => {
    const plain = pieces(Buffer.from('<!DOCTYPE a><a>text</a>'), 7);
    await expect(refuseEntities(plain)).resolves.toBeUndefined();
  });
});

describe('an archive', () => {
  const check = (bytes: Buffer) =>
    checkedZip({
      size: bytes.length,
      async *bytes({ from, to }) {
        yield bytes.subarray(from, to);
      },
    });
  const plain = { name: 'a.txt', content: Buffer.from('hello') };
  const noise = randomBytes(10_000);

  it('has the type that its entries say', async () => {
    expect(await check(zipOf([plain]))).toBe('application/zip');
    const sheet = { name: 'xl/workbook.xml', content: Buffer.from('<workbook/>') };
    expect(await check(zipOf([sheet]))).toMatch(/spreadsheetml\.sheet$/);
  });

  it.each([
    ['says it unpacks to more than is opened', zipOf([{ ...plain, saysBytes: 300 * 1024 * 1024 }])],
    [
      'unpacks to more than it says',
      zipOf([{ name: 'a', content: Buffer.alloc(50_000_000), saysBytes: 10 }]),
    ],
    ['has too many entries', zipOf(Array.from({ length: 10_001 }, (_, n) => ({ ...plain, name: `${n}` })))],
    ['is locked', zipOf([{ ...plain, locked: true as const }])],
    [
      'has XML that declares entities',
      zipOf([{ name: 'x.xml', content: Buffer.from('<!DOCTYPE a [<!ENTITY') }]),
    ],
    ['lies on top of itself', zipOf([{ ...plain, content: noise, listed: 100 }])],
    ['climbs out of its folder', zipOf([{ ...plain, name: '../../etc/passwd' }])],
    ['is cut off', zipOf([plain]).subarray(0, 40)],
    ['is garbage behind its first bytes', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500, 7)])],
  ])('that %s is refused', async (_, bytes) => {
    await expect(check(bytes)).rejects.toMatchObject({ code: 'file-unsafe' });
  });
});

describe('a form', () => {
  const part = (name: string, text: string, file?: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n${text}\r\n`;
  const read = async (text: string, type = 'multipart/form-data; boundary=x') => {
    const source = Readable.from([Buffer.from(text)], { objectMode: false }).pipe(new PassThrough());
    const { bytes, name, ended } = await fileInForm(source, type);
    const pieces = [];
    for await (const piece of bytes) pieces.push(piece);
    await ended;
    return { name, text: Buffer.concat(pieces).toString() };
  };

  it('gives its file, and passes over the rest', async () => {
    const text = `${part('note', 'n')}${part('file', 'hello', 'a.txt')}--x--\r\n`;
    expect(await read(text)).toEqual({ name: 'a.txt', text: 'hello' });
  });

  it.each([
    ['without a file', `${part('note', 'n')}--x--\r\n`, 'file-missing'],
    ['with two files', `${part('a', '1', 'a.txt')}${part('b', '2', 'b.txt')}--x--\r\n`, 'file-missing'],
    ['that breaks off', part('a', '1', 'a.txt').slice(0, -2), 'malformed-request'],
  ])('%s is refused', async (_, text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });

  it('without a boundary is refused', async () => {
    await expect(read('', 'multipart/form-data')).rejects.toMatchObject({ code: 'malformed-request' });
  });
});
