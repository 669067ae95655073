import type { DocumentKind } from '../../../job-types/fields/document.js';
import { layOut } from './lay-out.js';

interface Format {
  mediaType: string;
  /** Of what is text. */
  charset?: 'utf-8';
  extension: string;
  /** Characters of Markdown. */
  most: number;
  /** @throws {LayoutTooCostly} */
  make(markdown: string, about: { title: string }): Promise<Buffer>;
}

const laidOut = 200_000;

/** What a document can be downloaded as. */
export const formats = {
  markdown: {
    mediaType: 'text/markdown',
    charset: 'utf-8',
    extension: 'md',
    most: Infinity,
    make: async (markdown) => Buffer.from(markdown),
  },
  docx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extension: 'docx',
    most: laidOut,
    make: (markdown, { title }) => layOut({ format: 'docx', markdown, title }),
  },
  pdf: {
    mediaType: 'application/pdf',
    extension: 'pdf',
    most: laidOut,
    make: (markdown, { title }) => layOut({ format: 'pdf', markdown, title }),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as [FormatName, ...FormatName[]];

export const formatNamed = (name: FormatName): Format => formats[name];

const kinds: Readonly<Record<DocumentKind, string>> = { cv: 'cv', coverLetter: 'cover-letter' };

/** "cv-42-v3.pdf". An id is a stranger's text, and may be a path: what is no letter or digit becomes a hyphen. */
export function fileName(
  { kind, applicationId, version }: { kind: DocumentKind; applicationId: string; version: number },
  format: FormatName,
): string {
  const id = applicationId
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return [kinds[kind], id, `v${version}`].filter(Boolean).join('-') + `.${formats[format].extension}`;
}
