import { UnprocessableEntityException } from '@nestjs/common';
import { z } from 'zod';
import type { ServiceText } from '../../../job-types/contract/service.js';
import { audioEndings } from '../../../job-types/fields/audio-names.js';
import { InputDir } from '../../../job-types/fields/folder.js';
import { FolderRefused } from '../../../store/folders/refusals.js';
import type { Folders } from '../../files/folders.js';
import { audioFacts } from './audio-facts.js';
import type { DirectService } from './direct-service.js';

/** Files of one request. */
const mostFiles = 1_000;
/** Files that are read side by side: the process has other requests to answer. */
const atOnce = 2;
/** In ms; whoever waits for an answer usually gives up after 30 s. */
const timeLimit = 25_000;

const Input = z.strictObject({ inputDir: InputDir });

/** How long the recordings of a folder are, and in what they are coded. */
export const inspectAudio: DirectService<typeof Input> = {
  rule: '/audio/inspect',
  name: 'audioInspection',
  title: 'Inspect recordings',
  description: `Tells the duration and the codec of each file of a folder: ${audioEndings.join(', ')}.`,
  input: Input,
  fields: ['inputDir'],
  answer: async ({ inputDir }, folders) => ({ texts: await factsOf(inputDir, folders) }),
};

async function factsOf(folder: string, { input }: Folders): Promise<ServiceText[]> {
  const signal = AbortSignal.timeout(timeLimit);
  try {
    const files = await input.list({ folder, endings: audioEndings });
    if (files.length > mostFiles) throw tooMuch();
    const texts: ServiceText[] = [];
    const waiting = [...files.entries()];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, file] = next;
        texts[index] = await audioFacts(input, { file, signal });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return texts;
  } catch (error) {
    if (error instanceof FolderRefused) throw new UnprocessableEntityException(error.message);
    if (signal.aborted) throw tooMuch();
    throw error;
  }
}

const tooMuch = () =>
  new UnprocessableEntityException(
    `The folder holds more than can be inspected within a request: at most ${mostFiles} files, in ${timeLimit / 1000} seconds.`,
  );
