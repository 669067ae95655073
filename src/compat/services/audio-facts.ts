import { parseStream } from 'music-metadata';
import type { ServiceText } from '../../../job-types/contract/service.js';
import type { InputFolder } from '../../../store/folders/input-folder.js';

interface Looking {
  /** From INPUT_ROOT. */
  file: string;
  /** Aborts when there is no time left. */
  signal: AbortSignal;
}

/** How long a file of audio is, and what it is coded in. A file that is none is told beside the others. */
export async function audioFacts(
  folder: Pick<InputFolder, 'open'>,
  { file, signal }: Looking,
): Promise<ServiceText> {
  try {
    const handle = await folder.open(file);
    const { size } = await handle.stat();
    const stream = handle.createReadStream({ signal });
    // Told to the parser too; without a listener of its own it would end the process.
    stream.on('error', () => undefined);
    try {
      const { format } = await parseStream(
        stream,
        { path: file, size },
        { duration: true, skipCovers: true },
      );
      const { duration, codec, container } = format;
      if (duration === undefined) return failed(file, 'it holds no audio that can be read');
      return {
        title: file,
        value: `${Number(duration.toFixed(3))} seconds`,
        subtitle: codec ?? container ?? null,
      };
    } finally {
      stream.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    return failed(file, (error as Error).message.slice(0, 300));
  }
}

const failed = (file: string, why: string): ServiceText => ({
  title: file,
  value: `Inspection failed: ${why.replace(/\.$/, '')}.`,
  subtitle: 'failed',
});
