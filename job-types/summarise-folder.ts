import { z } from 'zod';
import { type ResultOf, defineJobType } from './contract/job-type.js';
import { InputDir, OutputDir } from './fields/folder.js';
import { ModelName } from './fields/model-names.js';
import { TextsFile } from './fields/texts-file.js';

/** What there is a reader for. */
export const textEndings = ['.txt', '.md', '.markdown', '.pdf'] as const;

const Input = z
  .strictObject({
    inputDir: InputDir.meta({
      title: 'Input folder',
      format: 'folder',
      description: `A folder below INPUT_ROOT, as an absolute path or from there; of it and those in it, all ${textEndings.join(', ')}`,
    }),
    outputDir: OutputDir.optional(),
    model: ModelName.optional(),
    concurrency: z
      .int()
      .min(1)
      .max(20)
      .default(5)
      .meta({ description: 'Files that are summarised side by side at most' }),
  })
  .meta({ id: 'SummariseFolderInput' });

const Summary = z
  .object({
    title: z.string().meta({ description: 'The file, as its path from INPUT_ROOT' }),
    value: z.string().meta({ description: 'Its summary; or "Summary failed: " and why' }),
    subtitle: z
      .string()
      .nullable()
      .meta({ description: '"failed", or the file that was written, as its path from OUTPUT_ROOT' }),
  })
  .meta({ id: 'FileSummary' });

const Result = z
  .object({
    texts: z.array(Summary).meta({ description: 'One for each file, in their order' }),
    textsFile: TextsFile,
    summarised: z.int(),
    failed: z.int(),
    provider: z.string().meta({ description: 'provider/model that was asked' }),
    notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was made' }),
  })
  .meta({ id: 'SummariseFolderResult' });

export const summariseFolder = defineJobType({
  name: 'summariseFolder',
  title: 'Summarise a folder',
  description:
    'Lets a model summarise each text, Markdown and PDF file of a folder. A file that cannot be summarised is told beside the others.',
  input: Input,
  result: Result,
  steps: [
    { name: 'list', title: 'Look for texts' },
    { name: 'summarise', title: 'Summarise each' },
    { name: 'collect', title: 'Put the summaries together' },
  ],
  needsModel: true,
  needs: ({ inputDir, outputDir }) => [
    { kind: 'inputFolder', name: inputDir, pointer: '/input/inputDir', endings: textEndings },
    ...(outputDir === undefined
      ? []
      : [{ kind: 'outputFolder', name: outputDir, pointer: '/input/outputDir' } as const]),
  ],
  subject: ({ inputDir }) => inputDir.slice(0, 200).toWellFormed(),
  service: {
    rule: '/text_summarization/summarize',
    fields: ['inputDir', 'outputDir', 'model', 'concurrency'],
  },
  example: { inputDir: 'texts' },
});

export type SummariseFolderResult = ResultOf<typeof summariseFolder>;
