import path from 'node:path';
import { plainText } from '../../../job-types/fields/plain-text.js';
import type { InputFolder } from '../../../store/folders/input-folder.js';
import { StepFailure } from '../../frame/step-failure.js';
import type { ArticleReader } from '../article/article-reader.js';

/** Characters of a document that a model is given: some 50,000 tokens, which all but the smallest take. */
const longestText = 200_000;
/** Bytes of a text that are looked at: no encoding takes more for so many characters. */
const mostTextBytes = 4 * longestText;
/** Bytes of a PDF, which is read as a whole. */
const mostPdfBytes = 50_000_000;

export interface DocumentText {
  text: string;
  /** It goes on behind what is here. */
  isCut: boolean;
}

export interface DocumentDependencies {
  inputFolder: Pick<InputFolder, 'open'>;
  reader: Pick<ArticleReader, 'readPdf'>;
}

/**
 * What stands in a text, Markdown or PDF file.
 * @param file as the folder has listed it
 * @throws {StepFailure} file-unreadable, also for one without any text
 */
export async function documentText(
  { inputFolder, reader }: DocumentDependencies,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<DocumentText> {
  const isPdf = path.posix.extname(file).toLowerCase() === '.pdf';
  const { bytes, size } = await readStart(inputFolder, { file, most: isPdf ? mostPdfBytes : mostTextBytes });
  if (isPdf && size > bytes.length) {
    throw new StepFailure('file-unreadable', `The PDF has more than ${mostPdfBytes / 1_000_000} MB.`);
  }
  const whole = plainText(isPdf ? await reader.readPdf(bytes, { signal }) : decoded(bytes)).trim();
  if (whole === '') {
    throw new StepFailure('file-unreadable', 'The file has no text; pictures of text are not read.');
  }
  const text = whole.slice(0, longestText).toWellFormed();
  return { text, isCut: text.length < whole.length || (!isPdf && size > bytes.length) };
}

async function readStart(
  inputFolder: Pick<InputFolder, 'open'>,
  { file, most }: { file: string; most: number },
): Promise<{ bytes: Uint8Array; size: number }> {
  const handle = await inputFolder.open(file);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(size, most));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: bytes.subarray(0, length), size };
  } finally {
    await handle.close();
  }
}

/** By its byte order mark; else UTF-8, or what old Windows programs write. Its last character may be cut off. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes, { stream: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes, { stream: true });
  if (bytes.includes(0)) throw new StepFailure('file-unreadable', 'The file is not a text.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
