import { inflateRawSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { blocksOf } from '../../src/library/files/blocks.js';
import { fileName } from '../../src/library/files/formats.js';
import { toDocx } from '../../src/library/files/to-docx.js';
import { toPdf } from '../../src/library/files/to-pdf.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const scripts = 'Größe naïve Łódź · Привет, Україна ї є ґ · Καλημέρα Ελλάδα';
const sample = [
  '# Inés Álvarez',
  '',
  'ines@example.org · +34 600',
  'Valencia',
  '',
  `${scripts} with **bold**, *italic* and \`code\`.`,
  '',
  '- one',
  '  1. first',
  '  2. second',
  '- [site](https://example.org/) and [bad](javascript:alert(1))',
  '',
  '> quoted',
  '',
  '```sql',
  'select 1',
  '```',
  '',
  '---',
  '',
  '<script>alert(1)</script>',
].join('\n');

const textIn = (markdown: string) =>
  blocksOf(markdown).map(({ runs }) => runs.map(({ text }) => text).join(''));

describe('Markdown', () => {
  it('becomes a list of blocks, in their order', () => {
    expect(blocksOf(sample).map(({ kind, level, depth, marker }) => [kind, level, depth, marker])).toEqual([
      ['heading', 1, 0, null],
      ['paragraph', 0, 0, null],
      ['paragraph', 0, 0, null],
      ['paragraph', 0, 1, '•'],
      ['paragraph', 0, 2, '1.'],
      ['paragraph', 0, 2, '2.'],
      ['paragraph', 0, 1, '•'],
      ['paragraph', 0, 1, null],
      ['code', 0, 0, null],
      ['rule', 0, 0, null],
      ['paragraph', 0, 0, null],
    ]);
  });

  it('keeps single line feeds, looks and links, and no address that runs something', () => {
    const blocks = blocksOf(sample);
    expect(textIn(sample)[1]).toBe('ines@example.org · +34 600\nValencia');
    const runs = blocks.flatMap((block) => block.runs);
    expect(runs.find(({ text }) => text === 'bold')).toMatchObject({ bold: true, italic: false });
    expect(runs.find(({ text }) => text === 'italic')).toMatchObject({ bold: false, italic: true });
    expect(runs.map(({ link }) => link).filter((link) => link !== null)).toEqual(['https://example.org/']);
  });

  it('has no tags: what looks like one is text', () => {
    expect(textIn(sample).at(-1)).toBe('<script>alert(1)</script>');
  });
});

/** The parts of a zip file, which a docx is, by their names. */
function unzipped(bytes: Buffer): Map<string, string> {
  const parts = new Map<string, string>();
  let at = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  while (at >= 0 && bytes.readUInt32LE(at) === 0x02014b50) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString();
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + size);
    parts.set(name, (method === 0 ? data : inflateRawSync(data)).toString());
    at += 46 + nameLength + extra + comment;
  }
  return parts;
}

/** The letters that the fonts of a PDF say its glyphs stand for: what a reader finds and copies. */
function lettersIn(pdf: Buffer): Set<string> {
  const letters = new Set<string>();
  const text = pdf.toString('latin1');
  for (const match of text.matchAll(/stream\r?\n([^]*?)\r?\nendstream/g)) {
    let content: string;
    try {
      content = inflateSync(Buffer.from(match[1] ?? '', 'latin1')).toString('latin1');
    } catch {
      continue;
    }
    if (!content.includes('beginbfrange') && !content.includes('beginbfchar')) continue;
    for (const [, code] of content.matchAll(/<([0-9a-fA-F]{4})>/g))
      letters.add(String.fromCharCode(parseInt(code ?? '', 16)));
  }
  return letters;
}

const lettersOf = (text: string): string[] => [...new Set(text.match(/\p{L}/gu))];

describe('a Word document', () => {
  it('holds every script as text, and each block as a paragraph', async () => {
    const parts = unzipped(await toDocx(sample, { title: 'CV <x> & y' }));
    const body = parts.get('word/document.xml') ?? '';
    expect(body).toContain(scripts);
    expect(body.match(/<w:p>|<w:p /g)).toHaveLength(blocksOf(sample).length);
    expect(body).toContain('&lt;script&gt;');
    expect(parts.get('docProps/core.xml')).toContain('CV &lt;x&gt; &amp; y');
  });
});

describe('a PDF', () => {
  it('holds Latin, Cyrillic and Greek as text, not as boxes', async () => {
    const pdf = await toPdf(sample, { title: 'CV' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const found = lettersIn(pdf);
    expect(lettersOf(scripts).filter((letter) => !found.has(letter))).toEqual([]);
  });

  it('is made of an empty text and of a very long word, too', async () => {
    for (const text of ['', 'x'.repeat(100_000), '# ', '- ']) {
      expect((await toPdf(text, { title: '' })).length).toBeGreaterThan(500);
      expect((await toDocx(text, { title: '' })).length).toBeGreaterThan(500);
    }
  });
});

it.each([
  ['42', 'cv-42-v1.pdf'],
  ['../../etc/passwd', 'cv-etc-passwd-v1.pdf'],
  ['"; filename=x.exe', 'cv-filename-x-exe-v1.pdf'],
  ['заявка', 'cv-v1.pdf'],
  ['a\r\nb', 'cv-a-b-v1.pdf'],
])('the file of the application %j is %s', (applicationId, name) => {
  expect(fileName({ kind: 'cv', applicationId, version: 1 }, 'pdf')).toBe(name);
});

failOnLeftovers();
