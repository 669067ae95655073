export const usualTranscribeModel = 'whisper-1';

/** What the transcriber is called where models have their names; the same in the API and in the workers. */
export const transcriberName = ({
  TRANSCRIBE_MODEL: model,
}: {
  TRANSCRIBE_MODEL?: string | undefined;
}): string => `transcriber/${model ?? usualTranscribeModel}`;
