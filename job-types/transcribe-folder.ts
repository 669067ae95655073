import { z } from 'zod';
import { FileRef } from './contract/file-ref.js';
import { type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import { Language } from './fields/language.js';

/** Files of one job: their names and texts travel together in its result. */
const mostFiles = 5_000;

const Input = z
  .strictObject({
    files: z
      .array(FileRef)
      .min(1)
      .max(mostFiles)
      .refine((ids) => new Set(ids).size === ids.length, 'names a file twice')
      .meta({
        description:
          'Uploaded audio: .mp3, .wav, .flac, .aac, .ogg, .m4a. Transcripts (.txt, .srt, .vtt) may stand among them; each belongs to the audio of its name',
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
  subject: ({ files }) => `${files.length} files`,
  example: { files: ['file_00000000-0000-4000-8000-000000000000'] },
});

export type TranscribeFolderInput = InputOf<typeof transcribeFolder>;
export type TranscribeFolderResult = ResultOf<typeof transcribeFolder>;
