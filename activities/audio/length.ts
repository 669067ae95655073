import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { parseBuffer } from 'music-metadata';
import type { AudioSource } from './source.js';
import { unreadable } from './unreadable.js';

/**
 * Seconds of audio. The head of a file tells it, or else all of its packets do.
 * @throws {StepFailure} audio-unreadable
 */
export async function secondsOf({ name }: Pick<AudioSource, 'name'>, bytes: Buffer): Promise<number> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (!track) throw new Error('it has no sound');
    return (await fromHead(bytes)) ?? (await input.computeDuration());
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    input.dispose();
  }
}

/** Null where it does not say. */
async function fromHead(bytes: Buffer): Promise<number | null> {
  try {
    const { format } = await parseBuffer(bytes, undefined, { duration: false, skipCovers: true });
    return format.duration ?? null;
  } catch {
    // It is stricter than players are, and the packets may still tell.
    return null;
  }
}
