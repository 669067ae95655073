import { Inject, Injectable } from '@nestjs/common';
import {
  audioEndings,
  isAudioName,
  isTranscriptName,
  recordingsIn,
  transcriptEndings,
} from '../../job-types/fields/audio-names.js';
import { FolderRefused } from '../../store/folders/refusals.js';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';
import { Folders } from './folders.js';

export interface AskedRecordings {
  /** Ids. */
  files: readonly string[] | null;
  folder: string | null;
  /** The field that names them. */
  pointer: string;
}

/** Whether there is something to transcribe, and something that does. */
@Injectable()
export class Recordings {
  private readonly hasTranscriber: boolean;

  constructor(
    private readonly store: Store,
    private readonly folders: Folders,
    @Inject(CONFIG) { TRANSCRIBE_BASE_URL }: Config,
  ) {
    this.hasTranscriber = TRANSCRIBE_BASE_URL !== undefined;
  }

  async refusal({ files, folder, pointer }: AskedRecordings, owner: string): Promise<Problem | null> {
    const path = pointer.split('/').slice(1);
    if (folder !== null) return this.ofFolder(folder, path);
    const ids = files ?? [];
    const names = await this.store.files.names({ ids, owner });
    const wrong = ids.flatMap((id, index) => {
      const name = names.get(id);
      if (name === undefined || isAudioName(name) || isTranscriptName(name)) return [];
      return [refused([...path, index], `is no audio by its name, which ends in none of ${endings}`)];
    });
    if (wrong.length > 0) return toValidationProblem(wrong);
    // Those that are not there are pointed at by the check of all files.
    if (names.size < ids.length) return null;
    return this.ofNames([...names.values()], path);
  }

  private async ofFolder(folder: string, path: string[]): Promise<Problem | null> {
    const { input } = this.folders;
    try {
      // As a worker will list it, so that what is refused there is refused here.
      const names = await input.list({ folder, endings: audioEndings, beside: transcriptEndings });
      return this.hasTranscriber ? null : this.ofNames(names, path);
    } catch (error) {
      if (error instanceof FolderRefused) return toValidationProblem([refused(path, error.message)]);
      throw error;
    }
  }

  private ofNames(names: readonly string[], path: string[]): Problem | null {
    const found = recordingsIn(names.map((name) => ({ name })));
    if (found.length === 0) return toValidationProblem([refused(path, `hold no audio: ${endings}`)]);
    if (this.hasTranscriber || found.some(({ transcript }) => transcript !== null)) return null;
    const detail = 'TRANSCRIBE_BASE_URL is not set, and no transcript lies beside the audio.';
    return new Problem('transcriber-required', detail, {
      errors: [{ pointer: `/${path.join('/')}`, detail }],
    });
  }
}

const endings = audioEndings.join(', ');

const refused = (path: (string | number)[], message: string) => ({ code: 'custom' as const, path, message });
