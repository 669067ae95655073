/** A WAV of 8,000 samples a second, of one byte each. @param tone silence when it is 0; each other number is another sound */
export function wav({ seconds = 1, tone = 440 } = {}): Buffer {
  const rate = 8_000;
  const length = Math.round(seconds * rate);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(length, 40);
  const sound = Buffer.from(
    Array.from({ length }, (_, at) => 128 + Math.round(100 * Math.sin((2 * Math.PI * tone * at) / rate))),
  );
  return Buffer.concat([head, sound]);
}
