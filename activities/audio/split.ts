import { setImmediate as turn } from 'node:timers/promises';
import {
  ALL_FORMATS,
  AdtsOutputFormat,
  type AudioCodec,
  BufferTarget,
  CustomSource,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  FlacOutputFormat,
  Input,
  type InputAudioTrack,
  Mp3OutputFormat,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
  type OutputFormat,
  WavOutputFormat,
} from 'mediabunny';
import { type AudioSource, readBytes } from './source.js';
import { unreadable } from './unreadable.js';

/** A piece of audio that plays by itself. */
export interface AudioPart {
  bytes: Uint8Array;
  seconds: number;
}

/** By the name of the format that a file is in: its parts are in the same. */
const formats: readonly [RegExp, () => OutputFormat][] = [
  [/^WAVE/, () => new WavOutputFormat()],
  [/^MP3/, () => new Mp3OutputFormat()],
  [/^FLAC/, () => new FlacOutputFormat()],
  [/^ADTS/, () => new AdtsOutputFormat()],
  [/^Ogg/, () => new OggOutputFormat()],
  [/^(MP4|QuickTime|CMAF)/, () => new Mp4OutputFormat()],
];

/** Bytes that a container adds to a packet at most, and to all of them. */
const around = { packet: 64, file: 16 * 1024 };

/** Packets between two looks at what else there is to do: an hour has a hundred thousand. */
const packetsPerTurn = 500;

/**
 * Cuts audio between its packets, without decoding it, into parts below so many bytes. Only one is held at a time.
 * @throws {StepFailure} audio-unreadable
 */
export async function* splitAudio(
  source: AudioSource,
  { mostBytes, signal }: { mostBytes: number; signal: AbortSignal },
): AsyncGenerator<AudioPart> {
  // What keeps a file from being read says nothing of its audio.
  let unread: Error | null = null;
  const input = new Input({
    formats: ALL_FORMATS,
    source: new CustomSource({
      getSize: () => source.size,
      async read(from, to) {
        try {
          return await readBytes(source, { from, to });
        } catch (error) {
          unread = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      },
      // Without it each packet is read by itself, which takes minutes.
      prefetchProfile: 'network',
    }),
  });
  try {
    const { track, format, codec } = await opened(input);
    const decoderConfig = (await track.getDecoderConfig()) ?? undefined;
    let part: Writing | null = null;
    let count = 0;
    for await (const packet of new EncodedPacketSink(track).packets()) {
      count += 1;
      if (count % packetsPerTurn === 0) await turn();
      signal.throwIfAborted();
      if (part && part.size + packet.data.length + around.packet > mostBytes) {
        yield await ended(part);
        part = null;
      }
      part ??= await begun({ codec, format: format(), from: packet.timestamp });
      await add(part, packet, decoderConfig);
    }
    if (part) yield await ended(part);
  } catch (error) {
    signal.throwIfAborted();
    throw unread ?? unreadable(source.name, error);
  } finally {
    input.dispose();
  }
}

interface Writing {
  output: Output<OutputFormat, BufferTarget>;
  packets: EncodedAudioPacketSource;
  /** Seconds from the beginning of the file. */
  from: number;
  to: number;
  /** Bytes, no fewer than it comes to. */
  size: number;
}

async function opened(
  input: Input,
): Promise<{ track: InputAudioTrack; codec: AudioCodec; format: () => OutputFormat }> {
  const { name } = await input.getFormat();
  const format = formats.find(([pattern]) => pattern.test(name))?.[1];
  const track = await input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  if (!format || !track || !codec) throw new Error(`cannot be cut: ${name}`);
  return { track, codec, format };
}

async function begun({
  codec,
  format,
  from,
}: {
  codec: AudioCodec;
  format: OutputFormat;
  from: number;
}): Promise<Writing> {
  const output = new Output({ format, target: new BufferTarget() });
  const packets = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(packets);
  await output.start();
  return { output, packets, from, to: from, size: around.file };
}

async function add(part: Writing, packet: EncodedPacket, config: AudioDecoderConfig | undefined) {
  const meta = part.to === part.from && config ? { decoderConfig: config } : undefined;
  await part.packets.add(packet.clone({ timestamp: packet.timestamp - part.from }), meta);
  part.to = packet.timestamp + packet.duration;
  part.size += packet.data.length + around.packet;
}

async function ended({ output, from, to }: Writing): Promise<AudioPart> {
  await output.finalize();
  const { buffer } = output.target;
  if (!buffer) throw new Error('nothing was written');
  return { bytes: new Uint8Array(buffer), seconds: to - from };
}
