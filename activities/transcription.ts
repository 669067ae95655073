import type { TranscribeFolderResult } from '../job-types/transcribe-folder.js';
import { audioEndings, recordingsIn, transcriptEndings } from '../job-types/fields/audio-names.js';
import type { Files } from '../store/files.js';
import type { InputFolder } from '../store/folders/input-folder.js';
import type { Receipts } from '../store/receipts.js';
import type { Texts } from '../store/texts.js';
import { promptVersion, createHearing } from './audio/hearing.js';
import { type Place, type Shelves, identityOf, opened } from './audio/opened.js';
import { readBytes } from './audio/source.js';
import { transcriptText } from './audio/transcript-text.js';
import { sentenceOf } from './sentence-of.js';
import { type EndedText, type TextShelves, joinedTexts } from './joined-texts.js';
import type { Ledger } from './frame/ledger.js';
import { paid, reused } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { type GivenUp, notBegun } from './not-begun.js';
import type { Transcriber } from './providers/transcriber.js';

export type StoredNames = Pick<Files, 'names'>;

export interface TranscriptionDependencies extends Shelves {
  inputFolder: Pick<InputFolder, 'list' | 'open'>;
  fileNames: StoredNames;
  transcriber: Transcriber | null;
  texts: Pick<Texts, 'put'> & TextShelves['texts'];
  files: Shelves['files'] & TextShelves['files'];
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

interface Lying {
  /** For people. */
  name: string;
  place: Place;
}

/** A file of audio, and the transcript that lies beside it. */
export interface Entry extends Lying {
  transcript: Lying | null;
}

export interface WantedRecordings {
  owner: string;
  /** Ids. */
  files?: readonly string[] | undefined;
  /** Below INPUT_ROOT. */
  folder?: string | undefined;
}

export interface TranscribeRequest {
  owner: string;
  entry: Entry;
  language?: string | undefined;
  givenUp?: GivenUp | undefined;
}

export interface Transcribed {
  textId: string;
  characters: number;
  /** Null where nobody has listened. */
  seconds: number | null;
  /** The transcript that was taken as it is; null for what was transcribed. */
  takenFrom: string | null;
  notes: string[];
  usage: null;
}

/** What became of one file. */
export type FileEnd = Pick<Transcribed, 'textId' | 'seconds' | 'takenFrom'> | { failure: string };

interface CollectedEnds {
  /** Not named by runs of an earlier version. */
  owner?: string | undefined;
  ends: { name: string; end: FileEnd }[];
}

const nobodyListened = 'transcripts';

/** Bytes of a transcript: a week of speech has less. */
const mostTranscript = 10_000_000;

export function createTranscriptionActivities(deps: TranscriptionDependencies) {
  const { fileNames, inputFolder, transcriber, texts, receipts, ledger } = deps;
  const hearing = transcriber && createHearing({ transcriber, receipts, ledger });
  const payerOf = (owner: string) => ({ owner, model: transcriber?.name ?? nobodyListened, promptVersion });

  async function lying({ owner, files, folder }: WantedRecordings): Promise<Lying[]> {
    if (folder !== undefined) {
      const paths = await inputFolder.list({ folder, endings: audioEndings, beside: transcriptEndings });
      return paths.map((path) => ({ name: path, place: { path } }));
    }
    const names = await fileNames.names({ ids: files ?? [], owner });
    return [...(files ?? [])].flatMap((file) => {
      const name = names.get(file);
      return name === undefined ? [] : [{ name, place: { file } }];
    });
  }

  async function heardIn({ owner, entry, language }: TranscribeRequest, asked: object) {
    if (hearing) {
      const heard = await opened(entry.place, {
        owner,
        shelves: deps,
        work: (source) => hearing.hear(source, { owner, language, asked }),
      });
      return { ...heard, takenFrom: null };
    }
    const { transcript, name } = entry;
    if (!transcript) {
      throw new StepFailure('transcriber-missing', `There is nothing that could listen to "${name}".`);
    }
    const text = await opened(transcript.place, {
      owner,
      shelves: deps,
      async work(source) {
        const bytes = await readBytes(source, { from: 0, to: Math.min(source.size, mostTranscript) });
        return transcriptText(source.name, bytes);
      },
    });
    return { text, seconds: null, takenFrom: transcript.name };
  }

  return {
    /** The recordings among files or in a folder, in their order. A retry goes by the same list. */
    listRecordings: reused(receipts, async (wanted: WantedRecordings): Promise<{ entries: Entry[] }> => {
      currentStep().progress({ message: 'Looking for recordings' });
      const found = recordingsIn(await lying(wanted));
      if (found.length === 0) throw new StepFailure('file-gone', 'The recordings are not there any more.');
      return { entries: found.map(({ audio, transcript }) => ({ ...audio, transcript })) };
    }),

    /** Stores the text of one file and returns a reference to it: histories stay small. */
    transcribeFile: paid(receipts, {
      async asks({ entry, language }: TranscribeRequest) {
        const place = transcriber ? entry.place : (entry.transcript?.place ?? entry.place);
        return { of: await identityOf(place, deps), language, by: transcriber?.name ?? nobodyListened };
      },
      async work(asked, request): Promise<Transcribed> {
        const { entry, owner, language = null } = request;
        const { name: step, item, rootJobId, progress } = currentStep();
        progress({ message: `Transcribing ${entry.name}` });
        if (request.givenUp) throw notBegun(request.givenUp);
        const { text, seconds, takenFrom } = await heardIn(request, asked);
        const about = { url: '', title: entry.name, language };
        const textId = await texts.put({ ...about, rootJobId, step, item, owner, text });
        return { textId, characters: text.length, seconds, takenFrom, notes: [], usage: null };
      },
      isWordedAlike: (paidBy, { owner }) => ledger.isWordedAlike(payerOf(owner), paidBy),
      onReuse: async (paidBy, { owner }) => {
        if (transcriber) await ledger.reused(payerOf(owner), paidBy);
      },
    }),

    /** The texts of all files, in their order. */
    async collectTranscripts({ owner, ends }: CollectedEnds): Promise<TranscribeFolderResult> {
      const told = ends.map(({ name: title, end }): EndedText => {
        if ('failure' in end) {
          return { title, value: `Transcription failed: ${sentenceOf(end.failure)}`, subtitle: 'failed' };
        }
        const { textId, takenFrom } = end;
        return { title, textId, subtitle: takenFrom === null ? null : `from ${takenFrom}` };
      });
      const { notes, ...joined } = await joinedTexts(told, deps, { owner, name: 'transcripts' });
      const seconds = ends.map(({ end }) => ('failure' in end ? null : end.seconds));
      const transcribed = ends.filter(({ end }) => !('failure' in end)).length;
      return {
        ...joined,
        texts: joined.texts.map((text, index) => ({ ...text, seconds: seconds[index] ?? null })),
        transcribed,
        failed: ends.length - transcribed,
        seconds: seconds.reduce<number>((sum, of) => sum + (of ?? 0), 0),
        provider: transcriber?.name ?? nobodyListened,
        notes: transcriber
          ? notes
          : ['Nobody has listened: the texts are the transcripts that lay beside the audio.', ...notes],
      };
    },
  };
}
