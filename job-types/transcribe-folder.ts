import { z } from 'zod';
import { FileRef } from './contract/file-ref.js';
import { type ResultOf, defineJobType } from './contract/job-type.js';
import { InputDir } from './fields/folder.js';
import { TextsFile } from './fields/texts-file.js';
import { Language } from './fields/language.js';

/** Files of one job: their names and texts travel together in its result. */
const mostFiles = 5_000;

/** What one field cannot tell by itself. */
function checkSource({
  value: { files, inputDir },
  issues,
}: z.core.ParsePayload<{ files?: string[] | undefined; inputDir?: string | undefined }>): void {
  const both = files !== undefined && inputDir !== undefined;
  if (!both && (files ?? inputDir) !== undefined) return;
  const message = both ? 'give files or inputDir, not both' : 'give files or inputDir';
  issues.push({ code: 'custom', path: ['inputDir'], message, input: inputDir });
}

const Input = z
  .strictObject({
    files: z
      .array(FileRef)
      .min(1)
      .max(mostFiles)
      .refine((ids) => new Set(ids).size === ids.length, 'names a file twice')
      .optional()
      .meta({
        description:
          'Uploaded audio, or give inputDir: .mp3, .wav, .flac, .aac, .ogg, .m4a. Transcripts (.txt, .srt, .vtt) may stand among them; each belongs to the audio of its name',
      }),
    inputDir: InputDir.optional().meta({
      title: 'Input folder',
      format: 'folder',
      description:
        'A folder below INPUT_ROOT, whose recordings are transcribed, and those in it; or give files',
    }),
    language: Language.optional().meta({
      description: 'What is spoken; heard by the transcriber itself when absent',
    }),
    concurrency: z
      .int()
      .min(1)
      .max(20)
      .default(5)
      .meta({ description: 'Files that are transcribed side by side at most' }),
  })
  .check(checkSource)
  .meta({ id: 'TranscribeFolderInput' });

const Transcript = z
  .object({
    title: z.string().meta({ description: 'The name of the file' }),
    value: z.string().meta({
      description: 'What is said, empty for silence; or "Transcription failed: " and why',
    }),
    subtitle: z
      .string()
      .nullable()
      .meta({ description: '"failed", or where the text is from when nothing was transcribed' }),
    seconds: z.number().nullable().meta({ description: 'Of audio; null where nobody has listened' }),
  })
  .meta({ id: 'Transcript' });

const Result = z
  .object({
    texts: z.array(Transcript).meta({ description: 'One for each file of audio, in their order' }),
    textsFile: TextsFile,
    transcribed: z.int().meta({ description: 'Files that there is a text of' }),
    failed: z.int(),
    seconds: z.number().meta({ description: 'Of audio, all together, as far as anybody has listened' }),
    provider: z.string().meta({
      description:
        'What transcribed: "transcriber/" and its model, or "transcripts" for what lay beside the audio',
    }),
    notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was made' }),
  })
  .meta({ id: 'TranscribeFolderResult' });

export const transcribeFolder = defineJobType({
  name: 'transcribeFolder',
  title: 'Transcribe recordings',
  description:
    'Turns the speech of many recordings into text, one by one. A file that cannot be transcribed is told beside the others.',
  input: Input,
  result: Result,
  steps: [
    { name: 'list', title: 'Look for recordings' },
    { name: 'transcribe', title: 'Transcribe each' },
    { name: 'collect', title: 'Put the texts together' },
  ],
  asksTranscriber: true,
  needs: ({ files = null, inputDir: folder = null }) => ({
    kind: 'recordings',
    files,
    folder,
    pointer: folder === null ? '/input/files' : '/input/inputDir',
  }),
  subject: ({ files, inputDir }) => inputDir?.slice(0, 200).toWellFormed() ?? `${files?.length ?? 0} files`,
  service: { rule: '/audio/transcribe', fields: ['inputDir', 'language', 'concurrency'] },
  example: { inputDir: 'recordings' },
});

export type TranscribeFolderResult = ResultOf<typeof transcribeFolder>;
