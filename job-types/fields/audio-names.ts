/** The types of files that are transcribed, by the endings of their names without the dot. */
export const audioTypes = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
} as const;

/** Endings of files that are transcribed, in any case. */
export const audioEndings = ['.mp3', '.wav', '.flac', '.aac', '.ogg', '.m4a'] as const;

/** Endings of transcripts, the one that is preferred first. */
export const transcriptEndings = ['.txt', '.srt', '.vtt'] as const;

const endingOf = (name: string): string => /\.[^./\\]+$/.exec(name)?.[0].toLowerCase() ?? '';

const ends = (name: string, endings: readonly string[]): boolean => endings.includes(endingOf(name));

export const isAudioName = (name: string): boolean => ends(name, audioEndings);

export const isTranscriptName = (name: string): boolean => ends(name, transcriptEndings);

/** A file that has a name. */
interface Named {
  name: string;
}

/** What is to be transcribed, and the transcript that lies beside it. */
export interface Recording<File extends Named> {
  audio: File;
  transcript: File | null;
}

/** The audio among files, in their order. A transcript has the same name but for the ending; of several, `.txt` counts. */
export function recordingsIn<File extends Named>(files: readonly File[]): Recording<File>[] {
  const transcripts = new Map<string, File>();
  for (const ending of [...transcriptEndings].toReversed()) {
    for (const file of files.filter(({ name }) => endingOf(name) === ending)) {
      transcripts.set(stemOf(file.name), file);
    }
  }
  return files
    .filter(({ name }) => isAudioName(name))
    .map((audio) => ({ audio, transcript: transcripts.get(stemOf(audio.name)) ?? null }));
}

const stemOf = (name: string): string => name.slice(0, name.length - endingOf(name).length);
